import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.regex.Pattern;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpFullRequest;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.AwsSessionCredentialsIdentity;

/**
 * Tests of signatures with the signer of the AWS SDK for Java 2, against an emulator that verifies them, at $URL. The
 * HTTP client of the JDK sends the requests.
 */
public class SdkSignatureTest {
  static final HttpClient client = HttpClient.newHttpClient();
  static final URI endpoint = URI.create(System.getenv("URL"));

  public static void main(String[] args) throws Exception {
    var permanent = AwsCredentialsIdentity.create(env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY"));
    String id = env("TEMPORARY_ACCESS_KEY_ID");
    String secret = env("TEMPORARY_SECRET_ACCESS_KEY");
    var temporary = AwsSessionCredentialsIdentity.create(id, secret, env("TEMPORARY_SESSION_TOKEN"));
    for (var key : List.of(permanent, temporary)) {
      String created = succeeds(call(key, SdkHttpMethod.POST, "/CreateRoom", "{\"tags\":{\"a b\":\"c\",\"é\":\"d\"}}"));
      String tags = "/tags/" + member(created, "arn").replace(":", "%3A").replace("/", "%2F");
      String keys = "?tagKeys=a%20b%2Bc%26d%3De%2F%C3%A9&tagKeys=z&tagKeys=%C3%A9";
      succeeds(call(key, SdkHttpMethod.DELETE, tags + keys, ""));
      String listed = succeeds(call(key, SdkHttpMethod.GET, tags, ""));
      check(listed.contains("{\"a b\":\"c\"}"), "the tags are " + listed);
    }
    refused(
        call(AwsCredentialsIdentity.create(permanent.accessKeyId(), "wrong"), SdkHttpMethod.POST, "/ListRooms", "{}"),
        "The request signature we calculated does not match");
    for (var key :
        List.of(
            AwsCredentialsIdentity.create(id, secret),
            AwsSessionCredentialsIdentity.create(id, secret, "wrong"),
            AwsSessionCredentialsIdentity.create(permanent.accessKeyId(), permanent.secretAccessKey(), "superfluous"))) {
      refused(
          call(key, SdkHttpMethod.POST, "/ListRooms", "{}"), "The security token included in the request is invalid.");
    }
  }

  static String env(String name) {
    return System.getenv(name);
  }

  /** Signs a request and sends it. */
  static HttpResponse<String> call(AwsCredentialsIdentity key, SdkHttpMethod method, String path, String body)
      throws Exception {
    SdkHttpRequest request =
        SdkHttpFullRequest.builder()
            .method(method)
            .uri(URI.create(endpoint + path))
            .putHeader("Content-Type", "application/json")
            .build();
    var signed =
        AwsV4HttpSigner.create()
            .sign(
                r ->
                    r.identity(key)
                        .request(request)
                        .payload(ContentStreamProvider.fromUtf8String(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "ivschat")
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "eu-west-1"))
            .request();
    HttpRequest.Builder sent =
        HttpRequest.newBuilder(URI.create(endpoint + path))
            .method(method.name(), body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    signed.forEachHeader(
        (name, values) -> {
          if (!name.equals("Host")) { // which the client sends itself
            values.forEach(value -> sent.header(name, value));
          }
        });
    return client.send(sent.build(), BodyHandlers.ofString());
  }

  static String succeeds(HttpResponse<String> response) {
    check(response.statusCode() < 300, response + " " + response.body());
    return response.body();
  }

  static void refused(HttpResponse<String> response, String message) {
    boolean expected = response.statusCode() == 403 && response.body().startsWith("{\"message\":\"" + message);
    check(expected, response + " " + response.body());
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
