package example;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ivschat.IvschatClient;
import software.amazon.awssdk.services.ivschat.model.ChatTokenCapability;
import software.amazon.awssdk.services.ivschat.model.ResourceNotFoundException;
import software.amazon.awssdk.services.ivschat.model.ValidationException;

/**
 * The back end of a support chat. It decides who may join, and moderates. Messages do not pass through it: browsers
 * connect to Amazon IVS Chat with the chat token that it gives them.
 *
 * <p>A real back end knows its users. This one believes what a request says.
 */
public final class Backend implements AutoCloseable {
  private static final Gson GSON = new Gson();

  private final IvschatClient chat;
  private final String messagingUrl;
  private final Set<String> moderators;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  /** What a request says. Members that it does not have are null. */
  record Request(String room, String user, String text) {
    /** Says whether it has what is needed at a path. */
    boolean fits(String path) {
      return room != null && (path.equals("/announce") ? text : user) != null;
    }
  }

  /** What a user who joins needs. */
  record Invitation(String token, String expires, String messagingUrl) {}

  /** Serves the back end. The messaging URL is where browsers connect, and moderators are user names. */
  public Backend(IvschatClient chat, String messagingUrl, Set<String> moderators, InetSocketAddress address)
      throws IOException {
    this.chat = chat;
    this.messagingUrl = messagingUrl;
    this.moderators = moderators;
    server = HttpServer.create(address, 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** Returns where the back end listens. */
  public String url() {
    return "http://" + server.getAddress().getHostString() + ":" + server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdown();
  }

  private Invitation join(Request request) {
    List<ChatTokenCapability> capabilities = new ArrayList<>(List.of(ChatTokenCapability.SEND_MESSAGE));
    if (moderators.contains(request.user)) {
      capabilities.add(ChatTokenCapability.DELETE_MESSAGE);
      capabilities.add(ChatTokenCapability.DISCONNECT_USER);
    }
    var created =
        chat.createChatToken(
            token -> token.roomIdentifier(request.room).userId(request.user).capabilities(capabilities));
    return new Invitation(created.token(), created.sessionExpirationTime().toString(), messagingUrl);
  }

  private void kick(Request request) {
    chat.disconnectUser(
        kicked -> kicked.roomIdentifier(request.room).userId(request.user).reason("Kicked by a moderator"));
  }

  private void announce(Request request) {
    chat.sendEvent(
        event ->
            event
                .roomIdentifier(request.room)
                .eventName("announcement")
                .attributes(Map.of("text", request.text)));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      try {
        route(exchange);
      } catch (JsonParseException | ValidationException e) {
        refuse(exchange, 400, "The request is not valid.");
      } catch (ResourceNotFoundException e) {
        refuse(exchange, 404, "There is no such room.");
      } catch (SdkException e) {
        System.err.println(e);
        refuse(exchange, 502, "The chat is not available.");
      }
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    Request request = GSON.fromJson(body, Request.class);
    String path = exchange.getRequestURI().getPath();
    if (request == null || !request.fits(path)) {
      refuse(exchange, 400, "The request is not valid.");
    } else if (path.equals("/join")) {
      answer(exchange, 200, join(request));
    } else if (path.equals("/kick")) {
      kick(request);
      exchange.sendResponseHeaders(204, -1);
    } else if (path.equals("/announce")) {
      announce(request);
      exchange.sendResponseHeaders(204, -1);
    } else {
      refuse(exchange, 404, "There is no such path.");
    }
  }

  private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
    answer(exchange, status, Map.of("message", message));
  }

  private static void answer(HttpExchange exchange, int status, Object body) throws IOException {
    byte[] text = GSON.toJson(body).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, text.length);
    exchange.getResponseBody().write(text);
  }

  /** Serves the back end as the environment says. The SDK reads AWS_ENDPOINT_URL_IVSCHAT and so on. */
  public static void main(String[] args) throws IOException {
    IvschatClient chat = IvschatClient.create();
    String aws = "wss://edge.ivschat." + chat.serviceClientConfiguration().region() + ".amazonaws.com";
    String url = System.getenv().getOrDefault("IVSCHAT_MESSAGING_URL", aws);
    Set<String> moderators = Set.of(System.getenv().getOrDefault("MODERATORS", "").split(","));
    String[] listen = System.getenv().getOrDefault("LISTEN", "127.0.0.1:8080").split(":");
    Backend backend = new Backend(chat, url, moderators, new InetSocketAddress(listen[0], Integer.parseInt(listen[1])));
    System.err.println("The back end listens at " + backend.url());
  }
}
