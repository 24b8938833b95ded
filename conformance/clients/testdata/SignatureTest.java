import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tests of signatures with the HTTP client of the JDK, against an emulator that verifies them, at $URL. The signer does
 * what the IAM User Guide says in "Create a signed AWS API request".
 */
public class SignatureTest {
  static final HttpClient client = HttpClient.newHttpClient();
  static final URI endpoint = URI.create(System.getenv("URL"));
  static final String host = endpoint.getHost() + ":" + endpoint.getPort();

  record Key(String id, String secret, String token) {}

  static final Key permanent = new Key(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"), null);
  static final Key temporary =
      new Key(
          env("TEMPORARY_ACCESS_KEY_ID"),
          env("TEMPORARY_SECRET_ACCESS_KEY"),
          env("TEMPORARY_SESSION_TOKEN"));

  static String env(String name) {
    return System.getenv(name);
  }

  public static void main(String[] args) throws Exception {
    String token = "The security token included in the request is invalid.";
    String mismatch = "The request signature we calculated does not match the signature you provided.";
    for (Key key : new Key[] {permanent, temporary}) {
      String created = new Call("POST", "/CreateRoom", "", "{\"tags\":{\"a b\":\"c\",\"é\":\"d\"}}").succeeds(key);
      String tags = "/tags/" + encode(member(created, "arn"));
      String query = "tagKeys=" + encode("a b+c&d=e/é") + "&tagKeys=" + encode("z") + "&tagKeys=" + encode("é");
      new Call("DELETE", tags, query, "").succeeds(key);
      String listed = new Call("GET", tags, "", "").succeeds(key);
      check(listed.contains("{\"a b\":\"c\"}"), "the tags are " + listed);
      new Call("GET", tags, "", "").signedAs("GET", tags.replace("room", "roon"), "", "").refused(key, mismatch);
      new Call("DELETE", tags, query, "").signedAs("DELETE", tags, query + "x", "").refused(key, mismatch);
    }

    Call list = new Call("POST", "/ListRooms", "", "{}");
    list.refused(new Key(permanent.id, "wrong", null), mismatch);
    list.refused(new Key("AKIAUNKNOWN", permanent.secret, null), token);
    list.refused(new Key(temporary.id, temporary.secret, null), token);
    list.refused(new Key(temporary.id, temporary.secret, "wrong"), token);
    list.refused(new Key(permanent.id, permanent.secret, "superfluous"), token);
    list.signedAs("POST", "/ListRooms", "", "{ }").refused(permanent, mismatch);
    list.signedAs("GET", "/ListRooms", "", "{}").refused(permanent, mismatch);

    list.at(Duration.ofMinutes(-4)).succeeds(permanent);
    list.at(Duration.ofMinutes(4)).succeeds(permanent);
    list.at(Duration.ofMinutes(-6)).refused(permanent, "Signature expired: ");
    list.at(Duration.ofMinutes(6)).refused(permanent, "Signature not yet current: ");
    list.at(Duration.ofDays(-400)).refused(permanent, "Signature expired: ");
  }

  /** A request, what is signed of it, and the time of the signature from now. */
  record Call(String method, String path, String query, String body, Call signed, Duration later) {
    Call(String method, String path, String query, String body) {
      this(method, path, query, body, null, Duration.ZERO);
    }

    Call signedAs(String method, String path, String query, String body) {
      return new Call(this.method, this.path, this.query, this.body, new Call(method, path, query, body), later);
    }

    Call at(Duration later) {
      return new Call(method, path, query, body, signed, later);
    }

    String succeeds(Key key) throws Exception {
      HttpResponse<String> response = send(key);
      check(response.statusCode() < 300, this + ": " + response.statusCode() + " " + response.body());
      return response.body();
    }

    void refused(Key key, String message) throws Exception {
      HttpResponse<String> response = send(key);
      check(
          response.statusCode() == 403 && response.body().startsWith("{\"message\":\"" + message),
          this + ": " + response.statusCode() + " " + response.body());
    }

    HttpResponse<String> send(Key key) throws Exception {
      String time =
          DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
              .withZone(ZoneOffset.UTC)
              .format(Instant.now().plus(later));
      TreeMap<String, String> headers = new TreeMap<>(Map.of("host", host, "x-amz-date", time));
      if (key.token != null) {
        headers.put("x-amz-security-token", key.token);
      }
      Call from = signed == null ? this : signed;
      headers.put("authorization", from.authorization(key, time, headers));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(endpoint + path + (query.isEmpty() ? "" : "?" + query)))
              .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
      headers.remove("host"); // which the client sends itself
      headers.forEach(request::header);
      return client.send(request.build(), BodyHandlers.ofString());
    }

    String authorization(Key key, String time, TreeMap<String, String> headers) throws Exception {
      StringBuilder canonicalHeaders = new StringBuilder();
      headers.forEach((name, value) -> canonicalHeaders.append(name + ":" + value + "\n"));
      String names = String.join(";", headers.keySet());
      String[] pairs = query.split("&");
      java.util.Arrays.sort(pairs); // all have the same name
      String canonicalPath = encode(path).replace("%2F", "/");
      String canonicalRequest =
          String.join(
              "\n", method, canonicalPath, String.join("&", pairs), canonicalHeaders, names, hash(body));
      String scope = time.substring(0, 8) + "/eu-west-1/ivschat/aws4_request";
      String toSign = String.join("\n", "AWS4-HMAC-SHA256", time, scope, hash(canonicalRequest));
      byte[] mac = ("AWS4" + key.secret).getBytes(UTF_8);
      for (String part : scope.split("/")) {
        mac = hmac(mac, part);
      }
      return "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
          .formatted(key.id, scope, names, HexFormat.of().formatHex(hmac(mac, toSign)));
    }
  }

  static byte[] hmac(byte[] key, String text) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes(UTF_8));
  }

  static String hash(String text) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
  }

  /** Escapes a text as RFC 3986 does. */
  static String encode(String text) {
    return URLEncoder.encode(text, UTF_8).replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
  }

  /** Returns a string member of a JSON object. */
  static String member(String json, String name) {
    var matcher = Pattern.compile("\"" + name + "\":\"([^\"]*)\"").matcher(json);
    check(matcher.find(), "no member " + name + " in " + json);
    return matcher.group(1);
  }

  static void check(boolean holds, String message) {
    if (!holds) {
      throw new AssertionError(message);
    }
  }
}
