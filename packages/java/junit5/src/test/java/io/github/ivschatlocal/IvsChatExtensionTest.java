package io.github.ivschatlocal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestExecutionResult.Status;
import org.junit.platform.engine.reporting.FileEntry;
import org.junit.platform.engine.reporting.ReportEntry;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Tests of the extension, with classes that the launcher of JUnit runs as Maven and Gradle do. */
class IvsChatExtensionTest {
  private static final List<IvsChat> SEEN = new ArrayList<>();

  @Test
  void eachTestHasItsOwnAccountInOneEmulator(@TempDir Path directory) {
    assertEquals(List.of(), run(directory, Separate.class, AlsoSeparate.class).failures);
    assertEquals(1, SEEN.stream().map(IvsChat::endpoint).distinct().count());
    assertEquals(4, SEEN.stream().map(IvsChat::account).distinct().count());
    IvsChat first = SEEN.get(0);
    IvsChatException ended = assertThrows(IvsChatException.class, first::room);
    assertTrue(ended.getMessage().contains("has ended"), ended.getMessage());
  }

  @ExtendWith(IvsChatExtension.class)
  static class Separate {
    private IvsChat before;

    @BeforeEach
    void connect(IvsChat ivschat) {
      before = ivschat;
      SEEN.add(ivschat);
    }

    @Test
    void first(IvsChat ivschat) {
      assertEquals(before, ivschat);
      ivschat.room();
      assertEquals(1, ivschat.calls().size());
    }

    @Test
    void second(IvsChat ivschat) {
      ivschat.room();
      assertEquals(1, ivschat.calls().size());
    }

    @AfterEach
    void stillThere(IvsChat ivschat) {
      assertEquals(1, ivschat.calls().size());
    }
  }

  @ExtendWith(IvsChatExtension.class)
  static class AlsoSeparate extends Separate {}

  @Test
  void testsOfAClassCanShareAnAccount(@TempDir Path directory) {
    assertEquals(List.of(), run(directory, Shared.class).failures);
  }

  static class Shared {
    @RegisterExtension
    static final IvsChatExtension ivschat =
        IvsChatExtension.builder()
            .options(IvsChatOptions.defaults().withSeed("rooms: [{id: RoomNumber01}]").withRandomSeed(7))
            .onePerClass()
            .build();

    private static IvsChat ofClass;

    @BeforeAll
    static void start(IvsChat ivschat) {
      ofClass = ivschat;
    }

    @Test
    void theTestHasTheEmulatorOfTheClass(IvsChat ivschat) {
      assertEquals(ofClass, ivschat);
      assertEquals(Shared.ivschat.emulator(), ivschat);
    }

    @Nested
    class Inside {
      @Test
      void soDoesATestInANestedClass(IvsChat ivschat) {
        assertEquals(ofClass, ivschat);
        assertEquals(Shared.ivschat.emulator(), ivschat);
      }
    }

    @Test
    void theSeedIsInItsAccount(IvsChat ivschat) {
      assertEquals(7, ivschat.randomSeed());
      ivschat.token("arn:aws:ivschat:us-east-1:" + ivschat.account().orElseThrow() + ":room/RoomNumber01", "anna");
    }
  }

  @Test
  void theJournalOfATestThatFailsIsPublished(@TempDir Path directory) throws IOException {
    Outcome outcome = run(directory, Failing.class);
    assertEquals(1, outcome.failures.size());
    assertEquals(1, outcome.files.size(), "only the test that fails has a file");
    String journal = Files.readString(outcome.files.get(0));
    assertTrue(journal.startsWith("[{") && journal.contains("broken") && !journal.contains("fine"), journal);
    assertTrue(outcome.entries.toString().contains("ivschat.randomSeed"), outcome.entries.toString());
  }

  @ExtendWith(IvsChatExtension.class)
  static class Failing {
    @Test
    void fine(IvsChat ivschat) {
      ivschat.room(new RoomOptions().withName("fine"));
    }

    @Test
    void broken(IvsChat ivschat) {
      ivschat.room(new RoomOptions().withName("broken"));
      fail("as it should");
    }
  }

  @Test
  void theReportOfATestSaysThatTheEmulatorHasEnded(@TempDir Path directory) {
    Outcome outcome = run(directory, Ended.class);
    assertEquals(1, outcome.failures.size());
    assertTrue(outcome.entries.toString().contains("has ended with exit code 0"), outcome.entries.toString());
  }

  static class Ended {
    private static final IvsChat emulator = IvsChat.start();

    @RegisterExtension
    static final IvsChatExtension extension = IvsChatExtension.builder().emulator(() -> emulator).build();

    @Test
    void fails(IvsChat ivschat) {
      emulator.stop();
      ivschat.room();
    }
  }

  @Test
  void aConstructorGetsNoEmulator(@TempDir Path directory) {
    Outcome outcome = run(directory, WithConstructor.class);
    assertTrue(outcome.failures.toString().contains("give it to a method with"), outcome.failures.toString());
  }

  @ExtendWith(IvsChatExtension.class)
  static class WithConstructor {
    WithConstructor(IvsChat ivschat) {
      assertNotEquals(null, ivschat);
    }

    @Test
    void isNotReached() {}
  }

  @Test
  void withoutAStaticFieldThereIsNoEmulatorOfTheClass() {
    IllegalStateException error =
        assertThrows(IllegalStateException.class, () -> IvsChatExtension.builder().build().emulator());
    assertTrue(error.getMessage().contains("not static"), error.getMessage());
  }

  /** What happened. */
  private record Outcome(List<String> failures, List<Path> files, List<Map<String, String>> entries) {}

  private static Outcome run(Path directory, Class<?>... classes) {
    SEEN.clear();
    Outcome outcome = new Outcome(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    LauncherDiscoveryRequestBuilder request =
        LauncherDiscoveryRequestBuilder.request()
            .configurationParameter("junit.platform.reporting.output.dir", directory.toString());
    for (Class<?> tests : classes) {
      request.selectors(selectClass(tests));
    }
    LauncherFactory.create().execute(request.build(), new Listener(outcome));
    return outcome;
  }

  private record Listener(Outcome outcome) implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (result.getStatus() != Status.SUCCESSFUL) {
        outcome.failures.add(test.getDisplayName() + ": " + result.getThrowable().orElse(null));
      }
    }

    @Override
    public void fileEntryPublished(TestIdentifier test, FileEntry file) {
      outcome.files.add(file.getPath());
    }

    @Override
    public void reportingEntryPublished(TestIdentifier test, ReportEntry entry) {
      outcome.entries.add(entry.getKeyValuePairs());
    }
  }
}
