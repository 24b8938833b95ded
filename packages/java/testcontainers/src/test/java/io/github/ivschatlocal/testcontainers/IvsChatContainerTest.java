package io.github.ivschatlocal.testcontainers;

import static io.github.ivschatlocal.Capability.SEND_MESSAGE;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.ivschatlocal.ChatClient;
import io.github.ivschatlocal.IvsChat;
import io.github.ivschatlocal.IvsChatExtension;
import io.github.ivschatlocal.RoomOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.testcontainers.containers.Container.ExecResult;
import org.testcontainers.containers.Network;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;

/** Tests with containers. */
@Testcontainers
@EnabledIfEnvironmentVariable(named = "IVSCHAT_IMAGE", matches = ".+", disabledReason = "no image for the container")
class IvsChatContainerTest {
  private static final Network network = Network.newNetwork();

  @Container
  private static final IvsChatContainer plain =
      new IvsChatContainer()
          .withNetwork(network)
          .withNetworkAliases("plain")
          .withSeed("rooms: [{id: RoomNumber01, name: lobby}]")
          .withRandomSeed(42)
          .withAccount("123456789012")
          .withRegion("eu-west-1")
          .withReviewHandler("*=deny:darn");

  @Container
  private static final IvsChatContainer secure =
      new IvsChatContainer().withNetwork(network).withNetworkAliases("secure").withTls();

  @RegisterExtension
  static final IvsChatExtension accounts = IvsChatExtension.builder().emulator(plain::client).build();

  @Test
  void theClientIsForTheAccountAndTheRegion() {
    IvsChat ivschat = plain.client();
    assertEquals(42, ivschat.randomSeed());
    assertEquals(plain.getEndpoint(), ivschat.endpoint());
    assertEquals(plain.getMessagingUrl(), ivschat.messagingUrl());
    assertEquals(plain.getAdminUrl(), ivschat.adminUrl());
    String room = "arn:aws:ivschat:eu-west-1:123456789012:room/RoomNumber01";
    assertTrue(ivschat.snapshot().contains("lobby"));
    assertTrue(ivschat.room().arn().startsWith("arn:aws:ivschat:eu-west-1:123456789012:"));
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    anna.send("hello");
    assertEquals("hello", anna.receive().content());
    ivschat.reset();
    assertTrue(ivschat.snapshot().contains("lobby"));
  }

  @Test
  void aTestOfTheExtensionHasItsOwnAccount(IvsChat ivschat) {
    assertNotEquals("123456789012", ivschat.account().orElseThrow());
    String function = "arn:aws:lambda:eu-west-1:123456789012:function:review";
    String room = ivschat.room(new RoomOptions().withReviewHandler(function, "ALLOW")).arn();
    ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
    anna.send("darn");
    assertEquals(406, anna.receive().errorCode());
  }

  @Test
  void clientsReachItWithTls() throws IOException, InterruptedException {
    assertTrue(secure.getEndpoint().startsWith("https://"), secure.getEndpoint());
    assertTrue(secure.getMessagingUrl().startsWith("wss://"), secure.getMessagingUrl());
    HttpClient client = HttpClient.newBuilder().sslContext(secure.client().sslContext()).build();
    HttpRequest request = HttpRequest.newBuilder(URI.create(secure.getAdminUrl() + "/health")).build();
    HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
    assertEquals(200, response.statusCode());
    secure.client().connect(secure.client().room().arn(), "anna");
  }

  @Test
  void otherContainersReachItByItsAlias() throws IOException, InterruptedException {
    String room = plain.client().room(new RoomOptions().withName("inside")).arn();
    assertEquals("ws://plain:4700", plain.getNetworkMessagingUrl());
    ExecResult result =
        secure.execInContainer(
            "/ivschat-local", "room", "list", "--region", "eu-west-1", "--endpoint", plain.getNetworkEndpoint());
    assertTrue(result.getStdout().contains(room), result.toString());
    assertEquals("https://secure:4700/_ivschat/v1", secure.getNetworkAdminUrl());
    IllegalStateException problem =
        assertThrows(IllegalStateException.class, () -> new IvsChatContainer().getNetworkEndpoint());
    assertTrue(problem.getMessage().contains("withNetworkAliases"), problem.getMessage());
  }

  @Test
  void theLogOfAFailureIsPrinted() {
    PrintStream before = System.err;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setErr(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      secure.afterTest(null, Optional.empty());
      assertEquals("", printed.toString(StandardCharsets.UTF_8));
      secure.afterTest(null, Optional.of(new AssertionError()));
      assertTrue(printed.toString(StandardCharsets.UTF_8).contains("Ready."), printed.toString());
    } finally {
      System.setErr(before);
    }
  }

  @Test
  void aSeedThatDoesNotExistIsExplained() {
    RuntimeException problem =
        assertThrows(RuntimeException.class, () -> new IvsChatContainer().withSeed(Path.of("none.yaml")));
    assertTrue(problem.getMessage().contains("none.yaml cannot be read"), problem.getMessage());
  }
}
