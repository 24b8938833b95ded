package io.github.ivschatlocal;

import static io.github.ivschatlocal.Capability.DELETE_MESSAGE;
import static io.github.ivschatlocal.Capability.DISCONNECT_USER;
import static io.github.ivschatlocal.Capability.SEND_MESSAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

/** Tests of the test client. Each test has an account of its own in one emulator. */
@ExtendWith(IvsChatExtension.class)
class IvsChatTest {
  private static final String HANDLER = "arn:aws:lambda:us-east-1:123456789012:function:review";

  @Test
  void messagesReachEveryoneInTheRoom(IvsChat ivschat) {
    String room = ivschat.room(new RoomOptions().withName("lobby").withTags(Map.of("team", "chat"))).arn();
    ChatClient anna =
        ivschat.connect(
            room,
            "anna",
            new TokenOptions().withCapabilities(SEND_MESSAGE).withAttributes(Map.of("name", "Anna")));
    ChatClient ben = ivschat.connect(room, "ben");

    String requestId = anna.send("hello \"Ben\" é", Map.of("mood", "fine"));

    assertEquals(requestId, anna.receive().requestId());
    Frame message = ben.receive();
    assertEquals("hello \"Ben\" é", message.content());
    assertEquals(Map.of("mood", "fine"), message.attributes());
    assertEquals("anna", message.userId());
    assertEquals(Map.of("name", "Anna"), message.userAttributes());
    assertTrue(message.isMessage() && !message.id().isEmpty());
    assertTrue(Duration.between(ivschat.now(), message.sendTime()).abs().toSeconds() < 60, message.raw());
    ben.receiveNothing(Duration.ofMillis(10));
    assertEquals(List.of("anna", "ben"), ivschat.waitForSessions(room, 2));
    assertEquals(1, ivschat.waitForFrames(room, 1, frame -> frame.userId().equals("anna")).size());
  }

  @Test
  void moderatorsDeleteMessagesAndDisconnectUsers(IvsChat ivschat) {
    String room = ivschat.room().arn();
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    ChatClient moderator = ivschat.connect(room, "moderator", DELETE_MESSAGE, DISCONNECT_USER);
    anna.send("spam");
    String id = moderator.receive(Frame::isMessage).id();

    moderator.deleteMessage(id, "off topic");
    Frame deleted = anna.receive(Frame::isEvent);
    assertEquals("aws:DELETE_MESSAGE", deleted.eventName());
    assertEquals(id, deleted.attributes().get("MessageID"));

    moderator.disconnectUser("anna", "");
    CloseStatus status = anna.closed();
    assertNotEquals(1006, status.code(), status.toString());
    assertThrows(IvsChatException.class, () -> anna.send("are you there?"));
  }

  @Test
  void whoMayNotSendReceivesAnError(IvsChat ivschat) {
    ChatClient reader = ivschat.connect(ivschat.room().arn(), "ben");
    String requestId = reader.send("may I?");
    Frame error = reader.receive();
    assertTrue(error.isError());
    assertEquals(403, error.errorCode());
    assertEquals(requestId, error.requestId());
    assertFalse(error.errorMessage().isEmpty());
    reader.sendText("no action");
    assertEquals(400, reader.receive().errorCode());
  }

  @Test
  void sessionsEndWhenTheClockIsMoved(IvsChat ivschat) {
    String room = ivschat.room().arn();
    ChatClient anna =
        ivschat.connect(room, "anna", new TokenOptions().withSessionDuration(Duration.ofMinutes(5)));
    ivschat.freeze();
    Instant before = ivschat.now();
    assertEquals(1L, ivschat.admin("GET", "/clock/due", Map.of("kind", "sessionExpiration"), null).get("total"));
    ivschat.advance(Duration.ofMinutes(6));
    assertEquals(before.plus(Duration.ofMinutes(6)), ivschat.now());
    assertEquals(401, anna.receive(Frame::isError).errorCode());
    anna.closed();
    ivschat.waitForSessions(room, 0);
    ivschat.resume();
  }

  @Test
  void aChatTokenConnectsOnce(IvsChat ivschat) {
    String token = ivschat.token(ivschat.room().arn(), "anna", SEND_MESSAGE);
    assertEquals(List.of("SEND_MESSAGE"), ivschat.inspectToken(token).get("capabilities"));
    ivschat.connectWithToken(token).close();
    RefusedException refused = assertThrows(RefusedException.class, () -> ivschat.connectWithToken(token));
    assertEquals(401, refused.status());
    assertTrue(refused.getMessage().contains("used"), refused.getMessage());
    assertTrue(ivschat.journal().stream().anyMatch(entry -> entry.kind().equals("handshake")));
  }

  @Test
  void faultsMakeOperationsAndActionsFail(IvsChat ivschat) {
    String room = ivschat.room().arn();
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    ivschat.fault(Fault.in("CreateChatToken").exception("ThrottlingException").times(1));
    RefusedException refused = assertThrows(RefusedException.class, () -> ivschat.token(room, "ben"));
    assertEquals("ThrottlingException", refused.exception());
    ivschat.token(room, "ben");

    ivschat.fault(Fault.in("SEND_MESSAGE").forUser("anna").error(429).with("message", "slowly"));
    anna.send("first");
    assertEquals("slowly", anna.receive().errorMessage());
    ivschat.clearFaults();
    ivschat.fault(Fault.in("MESSAGE").inRoom(room).frame("corrupt"));
    anna.send("second");
    assertEquals("UNREADABLE", anna.receive().type());
    ivschat.fault(Fault.in("SEND_MESSAGE").close(4001));
    anna.send("third");
    assertEquals(4001, anna.closed().code());
  }

  @Test
  void scriptedAnswersReviewMessages(IvsChat ivschat) {
    String room = ivschat.room(new RoomOptions().withReviewHandler(HANDLER, "DENY")).arn();
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    ivschat.scriptReviews(ReviewAnswer.deny("spam").forContent("(?i)spam"), ReviewAnswer.change("reviewed"));
    anna.send("SPAM!");
    assertEquals(406, anna.receive().errorCode());
    anna.send("hello");
    assertEquals("reviewed", anna.receive().content());
    List<Entry> reviews = ivschat.waitForReviews(room, 2);
    assertEquals(List.of("DENY", "ALLOW"), reviews.stream().map(Entry::verdict).toList());
    assertEquals("SPAM!", reviews.get(0).request().get("Content"));
    assertEquals(2, ivschat.reviews(room).size());
  }

  @Test
  void callsAreFoundByTheirMembers(IvsChat ivschat) {
    Room room = ivschat.room();
    ivschat.token(room.arn(), "anna");
    ivschat.token(room.arn(), "ben", SEND_MESSAGE);
    Entry call = ivschat.waitForCalls("CreateChatToken", 1, Map.of("userId", "ben")).get(0);
    assertEquals(200, call.status());
    assertEquals(List.of("SEND_MESSAGE"), call.request().get("capabilities"));
    assertEquals("***", call.response().get("token"));
    assertEquals(3, ivschat.calls().size());
    assertEquals(2, ivschat.calls("CreateChatToken").size());
    assertEquals(room.id(), ivschat.calls("CreateRoom").get(0).response().get("id"));
  }

  @Test
  void aResetGoesBackToTheSeed(IvsChat ivschat) {
    ivschat.seed("rooms: [{name: lobby}]");
    Room other = ivschat.room();
    String snapshot = ivschat.snapshot();
    ivschat.reset();
    assertTrue(ivschat.snapshot().contains("lobby") && !ivschat.snapshot().contains(other.id()));
    ivschat.restore(snapshot);
    assertTrue(ivschat.snapshot().contains(other.id()));
  }

  @Test
  void accountsSeeOnlyTheirOwn(IvsChat ivschat) {
    String room = ivschat.room().arn();
    IvsChat other = ivschat.forAccount("210987654321");
    assertEquals("210987654321", other.accessKeyId());
    assertTrue(other.room().arn().contains(":210987654321:"));
    assertTrue(room.contains(":" + ivschat.account().orElseThrow() + ":"), room);
    assertEquals(1, ivschat.calls("CreateRoom").size());
    assertEquals(ivschat.accessKeyId(), ivschat.env().get("AWS_ACCESS_KEY_ID"));
    assertEquals("", ivschat.env().get("AWS_SESSION_TOKEN"));
    assertEquals(ivschat.endpoint(), ivschat.env().get("AWS_ENDPOINT_URL_IVSCHAT"));
    assertEquals(ivschat.messagingUrl(), ivschat.env().get("IVSCHAT_MESSAGING_URL"));
    assertTrue(ivschat.env().entrySet().containsAll(exceptions(ivschat.endpoint())), ivschat.env().toString());
  }

  @Test
  void aProxyIsNotForTheEmulator() {
    assertExceptions("127.0.0.1", "127.0.0.1", Map.of());
    assertExceptions("a.example,127.0.0.1", "a.example,127.0.0.1", Map.of("no_proxy", "a.example"));
    assertExceptions("a.example,127.0.0.1", "*", Map.of("NO_PROXY", "a.example", "no_proxy", "*"));
    assertExceptions("127.0.0.1,a.example", "127.0.0.1,a.example", Map.of("NO_PROXY", "127.0.0.1,a.example"));
    assertEquals("::1", Proxies.exceptions(Map.of(), "http://[::1]:4700").get("NO_PROXY"));
  }

  private static Set<Map.Entry<String, String>> exceptions(String endpoint) {
    return Proxies.exceptions(System.getenv(), endpoint).entrySet();
  }

  private static void assertExceptions(String upper, String lower, Map<String, String> environment) {
    Map<String, String> want = Map.of("NO_PROXY", upper, "no_proxy", lower);
    assertEquals(want, Proxies.exceptions(environment, "http://127.0.0.1:4700"));
  }

  @Test
  void whatDoesNotHappenInTimeSaysWhatHappenedInstead(IvsChat ivschat) {
    String room = ivschat.room().arn();
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    anna.send("hello");
    IvsChat hasty = ivschat.within(Duration.ofMillis(50));
    ChatClient hastyAnna = anna.within(Duration.ofMillis(50));
    ivschat.waitForFrames(room, 1);

    assertFails("\"Content\":\"hello\"", () -> hasty.waitForFrames(room, 2));
    assertFails("\"Content\":\"hello\"", () -> hasty.waitForFrames(room, 1, Frame::isError));
    assertFails("\"userId\":\"anna\"", () -> hasty.waitForCalls("CreateChatToken", 1, Map.of("userId", "ben")));
    assertFails("users:\n  anna", () -> hasty.waitForSessions(room, 2));
    assertFails("is 0, and not 1, after 0.05 s", () -> hasty.waitForReviews(room, 1));
    assertFails("hello", () -> anna.receiveNothing(Duration.ofSeconds(10))); // as soon as it has arrived
    assertFails("received instead:\n  {", () -> hastyAnna.receive(Frame::isError));
    assertFails("the connection is open", hastyAnna::receive);
    assertFails("still open", hastyAnna::closed);
    anna.drop();
    assertFails("dropped by the client", () -> anna.receive(Frame::isError));
  }

  private static void assertFails(String text, Executable action) {
    AssertionError error = assertThrows(AssertionError.class, action);
    assertTrue(error.getMessage().contains(text), error.getMessage());
  }

  @Test
  void mistakesAreExplained(IvsChat ivschat) {
    String room = ivschat.room().arn();
    assertMistake("this is \"lobby\"", () -> ivschat.connect("lobby", "anna"));
    assertMistake("\"12\"", () -> ivschat.forAccount("12"));
    assertMistake("whole minutes", () -> new TokenOptions().withSessionDuration(Duration.ofSeconds(90)));
    assertMistake("a URL without a path", () -> IvsChatOptions.defaults().withEndpoint("localhost:4700"));
    assertMistake("at most 292 years", () -> ivschat.advance(Duration.ofDays(400 * 365)));
    assertMistake(
        "exclude each other",
        () -> IvsChat.start(IvsChatOptions.defaults().withEndpoint(ivschat.endpoint()).withRandomSeed(1)));
    assertMistake("of 8 characters", () -> ivschat.connectWithToken("no token"));
    RefusedException refused =
        assertThrows(RefusedException.class, () -> ivschat.fault(Fault.in("CreateRom").reset()));
    assertTrue(refused.getMessage().contains("CreateRoom"), refused.getMessage());
    refused = assertThrows(RefusedException.class, () -> ivschat.token(room, ""));
    assertEquals("ValidationException", refused.exception());
  }

  private static void assertMistake(String text, Executable action) {
    IllegalArgumentException error = assertThrows(IllegalArgumentException.class, action);
    assertTrue(error.getMessage().contains(text), error.getMessage());
  }
}
