import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Tests with the HTTP client of the JDK and its WebSocket. The endpoint is the first argument, and that of the WebSocket the
 * second one, if it is another.
 *
 * <p>The client prefers HTTP/2: its first request over a connection without TLS has the headers
 * "Upgrade: h2c" and "Connection: Upgrade, HTTP2-Settings". A server without HTTP/2 ignores them.
 */
public class HttpClientTest {
  static final HttpClient client = HttpClient.newHttpClient();
  static String endpoint;

  public static void main(String[] args) throws Exception {
    endpoint = args[0];
    String messaging = args[args.length - 1];
    check(client.version() == Version.HTTP_2, "the client does not ask for HTTP/2");
    String room = member(call("CreateRoom", "{\"name\": \"lobby\"}"), "arn");
    String token =
        member(
            call(
                "CreateChatToken",
                "{\"roomIdentifier\": \"%s\", \"userId\": \"anna\", \"capabilities\": [\"SEND_MESSAGE\"]}"
                    .formatted(room)),
            "token");

    CompletableFuture<String> received = new CompletableFuture<>();
    WebSocket socket =
        client
            .newWebSocketBuilder()
            .subprotocols(token)
            .buildAsync(URI.create(messaging.replaceFirst("http", "ws")), new Receiver(received))
            .get(1, TimeUnit.MINUTES);
    check(socket.getSubprotocol().equals(token), "the chosen subprotocol is not the token");
    socket.sendText("{\"Action\": \"SEND_MESSAGE\", \"Content\": \"hi\"}", true);
    String frame = received.get(1, TimeUnit.MINUTES);
    check(member(frame, "Content").equals("hi"), "received " + frame);
    socket.abort();
  }

  /** Receives the first frame. */
  record Receiver(CompletableFuture<String> received) implements WebSocket.Listener {
    static final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        received.complete(text.toString());
      }
      return WebSocket.Listener.super.onText(socket, part, last);
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      received.completeExceptionally(error);
    }
  }

  /** Calls an operation and returns the body of the response. */
  static String call(String operation, String input) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(endpoint + "/" + operation))
            .POST(BodyPublishers.ofString(input))
            .build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    check(response.statusCode() == 200, response.statusCode() + " " + response.body());
    check(response.version() == Version.HTTP_1_1, "the response is " + response.version());
    return response.body();
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
