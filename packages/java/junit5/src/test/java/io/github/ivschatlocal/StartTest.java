package io.github.ivschatlocal;

import static io.github.ivschatlocal.Capability.SEND_MESSAGE;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Tests of how emulators start and end. */
class StartTest {
  private static final IvsChatOptions OPTIONS = IvsChatOptions.defaults();

  @Test
  void theRandomSeedRepeatsTheIds() {
    assertEquals(idOfFirstRoom(), idOfFirstRoom());
  }

  private static String idOfFirstRoom() {
    try (IvsChat ivschat = IvsChat.start(OPTIONS.withRandomSeed(42).withRegion("eu-west-1"))) {
      assertEquals(42, ivschat.randomSeed());
      assertEquals("eu-west-1", ivschat.region());
      return ivschat.room().arn();
    }
  }

  @Test
  void anEmulatorStartsWithTheSeed(@TempDir Path directory) throws IOException {
    Path seed = Files.writeString(directory.resolve("rooms.yaml"), "rooms: [{id: RoomNumber01, name: lobby}]");
    try (IvsChat ivschat = IvsChat.start(OPTIONS.withSeed(seed).withAccount("123456789012"))) {
      ivschat.reset();
      ChatClient anna =
          ivschat.connect("arn:aws:ivschat:us-east-1:123456789012:room/RoomNumber01", "anna", SEND_MESSAGE);
      anna.send("hello");
      assertEquals("hello", anna.receive().content());
    }
  }

  @Test
  void aSecondClientFindsTheEmulator() {
    try (IvsChat first = IvsChat.start();
        IvsChat second = IvsChat.start(OPTIONS.withEndpoint(first.endpoint() + "/"))) {
      assertEquals(first.endpoint(), second.endpoint());
      assertEquals(first.randomSeed(), second.randomSeed());
      second.room();
      second.stop();
      assertEquals(1, first.calls("CreateRoom").size());
      assertEquals("http" + first.messagingUrl().substring(2) + "/_ivschat/v1", second.adminUrl());
      first.stop();
      assertTrue(first.log().contains("CreateRoom"), first.log());
    }
  }

  @Test
  void requestsAreSignedIfTheEmulatorVerifiesSignatures() {
    try (IvsChat ivschat = IvsChat.start(OPTIONS.withArgs("--auth", "iam", "--tls", "auto"))) {
      assertTrue(ivschat.endpoint().startsWith("https://"), ivschat.endpoint());
      ivschat.connect(ivschat.room().arn(), "anna").close();
      assertTrue(ivschat.accessKeyId().matches("[A-Z0-9]{20}"), ivschat.accessKeyId());
      assertTrue(ivschat.secretAccessKey().length() > 20);
      IvsChatException refused =
          assertThrows(IvsChatException.class, () -> ivschat.forAccount("210987654321").room());
      assertTrue(refused.getMessage().contains("210987654321"), refused.getMessage());
    }
  }

  @Test
  void aReviewHandlerIsGivenAsAFlag() {
    String function = "arn:aws:lambda:us-east-1:000000000000:function:review";
    try (IvsChat ivschat = IvsChat.start(OPTIONS.withReviewHandler("*=deny:darn"))) {
      String room = ivschat.room(new RoomOptions().withReviewHandler(function, "ALLOW")).arn();
      ChatClient anna = ivschat.connect(room, "anna", SEND_MESSAGE);
      anna.send("darn");
      assertEquals(406, anna.receive().errorCode());
    }
  }

  @Test
  void aProgramThatIsMissingOrDoesNotStartIsExplained(@TempDir Path directory) throws IOException {
    assertProblem("which the option program names, does not exist", OPTIONS.withProgram(directory.resolve("none")));
    Path text = Files.writeString(directory.resolve("text"), "no program");
    assertProblem("which the option program names, cannot be executed", OPTIONS.withProgram(text));
    Path other = Files.writeString(directory.resolve("other"), "#!/bin/sh\necho hello\n");
    Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("rwx------"));
    assertProblem("is no ivschat-local: its first line is not an object in JSON: hello", OPTIONS.withProgram(other));
    assertProblem("exit code 2: ", OPTIONS.withArgs("--token-tll", "5m"));
    assertProblem("rooms", OPTIONS.withSeed("rooms: 3"));
    assertProblem("cannot be read", () -> OPTIONS.withSeed(directory.resolve("none.yaml")));
  }

  private static void assertProblem(String text, IvsChatOptions options) {
    assertProblem(text, () -> IvsChat.start(options));
  }

  private static void assertProblem(String text, Executable action) {
    IvsChatException problem = assertThrows(IvsChatException.class, action);
    assertTrue(problem.getMessage().contains(text), problem.getMessage());
  }

  @Test
  void aProgramIsFoundBehindADirectoryThatIsNoPath(@TempDir Path directory) throws IOException {
    Path program = Files.createFile(
        directory.resolve("tool"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    String bad = "\0"; // as quotation marks are on Windows
    assertEquals(Optional.of(program), Program.in(String.join(File.pathSeparator, bad, "", directory.toString()), "tool"));
    assertEquals(Optional.empty(), Program.in(bad, "tool"));
    assertProblem("which the option program names, is no path: ", () -> Program.find("a" + bad));
  }

  @Test
  void withoutAProgramTheErrorSaysHowToGetIt() throws Exception {
    Process child = child(Map.of("PATH", "/nowhere", "IVSCHAT_PROGRAM", ""), StartTest.class);
    try (BufferedReader out = child.errorReader()) {
      String log = String.join("\n", out.lines().toList());
      assertTrue(log.contains("There is no program ivschat-local"), log);
      assertTrue(log.contains("IVSCHAT_PROGRAM") && log.contains("docs/install.md"), log);
    }
  }

  @Test
  void theEmulatorJoinsNoClusterOfTheEnvironmentAndEndsWithAProcessThatIsKilled() throws Exception {
    Map<String, String> cluster = // which it does not join
        Map.of(
            "IVSCHAT_NATS", "nats://127.0.0.1:1",
            "IVSCHAT_NATS_PREFIX", "not valid",
            "IVSCHAT_NATS_CREDENTIALS", "/nowhere",
            "IVSCHAT_NATS_TLS", "/nowhere",
            "IVSCHAT_CLUSTER_SECRET", "short",
            "IVSCHAT_NODE", "not valid");
    Process child = child(cluster, StartTest.class);
    try (BufferedReader out = child.inputReader()) {
      ProcessHandle program = ProcessHandle.of(Long.parseLong(out.readLine())).orElseThrow();
      assertTrue(program.isAlive());
      child.destroyForcibly();
      assertDoesNotThrow(() -> program.onExit().get(60, TimeUnit.SECONDS));
    }
  }

  @Test
  void whatComesAfterTheEndSaysThatTheEmulatorHasEnded() {
    IvsChat ivschat = IvsChat.start();
    ivschat.stop();
    IvsChatException problem = assertThrows(IvsChatException.class, ivschat::room);
    assertTrue(problem.getMessage().contains("has ended with exit code 0"), problem.getMessage());
  }

  /** Runs the main method of a class in another process. */
  private static Process child(Map<String, String> environment, Class<?> main) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    ProcessBuilder builder =
        new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), main.getName());
    builder.environment().putAll(environment);
    return builder.start();
  }

  /** Starts an emulator, prints the ID of its process, and waits to be killed. */
  public static void main(String[] args) throws Exception {
    IvsChat.start();
    System.out.println(ProcessHandle.current().children().findFirst().orElseThrow().pid());
    Thread.sleep(Long.MAX_VALUE);
  }
}
