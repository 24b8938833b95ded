package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import io.github.ivschatlocal.ChatClient;
import io.github.ivschatlocal.Entry;
import io.github.ivschatlocal.Fault;
import io.github.ivschatlocal.Frame;
import io.github.ivschatlocal.IvsChat;
import io.github.ivschatlocal.IvsChatExtension;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ivschat.IvschatClient;

@ExtendWith(IvsChatExtension.class)
class BackendTest {
  private static final Gson GSON = new Gson();

  private final HttpClient http = HttpClient.newHttpClient();
  private IvschatClient chat;
  private Backend backend;
  private String room;

  @BeforeEach
  void start(IvsChat ivschat) throws IOException {
    var credentials = AwsBasicCredentials.create(ivschat.accessKeyId(), ivschat.secretAccessKey());
    chat =
        IvschatClient.builder()
            .endpointOverride(URI.create(ivschat.endpoint()))
            .region(Region.of(ivschat.region()))
            .credentialsProvider(StaticCredentialsProvider.create(credentials))
            .build();
    backend =
        new Backend(chat, ivschat.messagingUrl(), Set.of("mia"), new InetSocketAddress("127.0.0.1", 0));
    room = ivschat.room().arn();
  }

  @AfterEach
  void stop() {
    backend.close();
    chat.close();
  }

  @Test
  void onlyModeratorsDeleteMessages(IvsChat ivschat) throws Exception {
    ChatClient anna = ivschat.connectWithToken(join("anna").token());
    ChatClient mia = ivschat.connectWithToken(join("mia").token());
    anna.send("hello");
    String id = anna.receive().id();

    anna.deleteMessage(id, "I regret it");
    assertEquals(403, anna.receive().errorCode());
    mia.deleteMessage(id, "Off topic");
    anna.receive(frame -> frame.eventName().equals("aws:DELETE_MESSAGE"));
  }

  @Test
  void theBackEndAsksForTheCapabilitiesOfAUser(IvsChat ivschat) throws Exception {
    Backend.Invitation joined = join("mia");
    assertEquals(ivschat.messagingUrl(), joined.messagingUrl());
    List<String> capabilities = List.of("SEND_MESSAGE", "DELETE_MESSAGE", "DISCONNECT_USER");
    ivschat.waitForCalls("CreateChatToken", 1, Map.of("userId", "mia", "capabilities", capabilities));
  }

  @Test
  void aUserJoinsAgainAfterTheSessionHasExpired(IvsChat ivschat) throws Exception {
    Backend.Invitation joined = join("anna");
    ChatClient anna = ivschat.connectWithToken(joined.token());

    ivschat.advance(Duration.between(ivschat.now(), Instant.parse(joined.expires()))); // takes no time
    assertEquals(401, anna.receive(Frame::isError).errorCode());
    anna.closed();

    Backend.Invitation again = join("anna");
    assertTrue(Instant.parse(again.expires()).isAfter(Instant.parse(joined.expires())));
    ivschat.connectWithToken(again.token());
  }

  @Test
  void theSdkTriesAgainWhenItIsThrottled(IvsChat ivschat) throws Exception {
    ivschat.fault(Fault.in("CreateChatToken").exception("ThrottlingException").times(2));
    join("anna");
    List<Entry> calls = ivschat.waitForCalls("CreateChatToken", 3);
    assertEquals(List.of(429, 429, 200), calls.stream().map(Entry::status).toList());
  }

  @Test
  void aKickedUserIsDisconnected(IvsChat ivschat) throws Exception {
    ChatClient anna = ivschat.connectWithToken(join("anna").token());
    assertEquals(204, post("/kick", Map.of("room", room, "user", "anna")).statusCode());
    anna.closed();
  }

  @Test
  void everybodyReceivesAnAnnouncement(IvsChat ivschat) throws Exception {
    ChatClient anna = ivschat.connectWithToken(join("anna").token());
    post("/announce", Map.of("room", room, "text", "We close in ten minutes"));
    Frame event = anna.receive();
    assertEquals("announcement", event.eventName());
    assertEquals("We close in ten minutes", event.attributes().get("text"));
  }

  @Test
  void aRoomThatDoesNotExistIsNotFound() throws Exception {
    String missing = "arn:aws:ivschat:us-east-1:123456789012:room/NoSuchRoom12";
    HttpResponse<String> answer = post("/join", Map.of("room", missing, "user", "anna"));
    assertEquals(404, answer.statusCode());
    assertEquals("There is no such room.", GSON.fromJson(answer.body(), JsonObject.class).get("message").getAsString());
  }

  @Test
  void whatIsNotARequestIsRefused() throws Exception {
    for (String body : List.of("", "null", "[]", "{}", "{\"room\": null}", "{\"room\": {}, \"user\": []}")) {
      assertEquals(400, send("/join", body).statusCode(), body);
    }
  }

  /** Lets a user join. */
  private Backend.Invitation join(String user) throws Exception {
    HttpResponse<String> answer = post("/join", Map.of("room", room, "user", user));
    assertEquals(200, answer.statusCode(), answer.body());
    return GSON.fromJson(answer.body(), Backend.Invitation.class);
  }

  /** Sends a request to the back end. */
  private HttpResponse<String> post(String path, Map<String, String> body) throws Exception {
    return send(path, GSON.toJson(body));
  }

  private HttpResponse<String> send(String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(backend.url() + path)).POST(BodyPublishers.ofString(body)).build();
    return http.send(request, BodyHandlers.ofString());
  }
}
