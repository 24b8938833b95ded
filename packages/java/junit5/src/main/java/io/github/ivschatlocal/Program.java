package io.github.ivschatlocal;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The emulator in a process of its own. It ends with this process, however that ends, because its standard input does.
 */
final class Program {
  private static final int LOG_LINES = 1000;
  private static final int SHOWN_LOG_LINES = 5;

  /** These would make the emulator of a test a node of a cluster. */
  private static final Set<String> CLUSTER_VARIABLES =
      Set.of(
          "IVSCHAT_NATS",
          "IVSCHAT_NATS_PREFIX",
          "IVSCHAT_NATS_CREDENTIALS",
          "IVSCHAT_NATS_TLS",
          "IVSCHAT_CLUSTER_SECRET",
          "IVSCHAT_NODE");

  private final Path path;
  private final Process process;
  private final Deque<String> log = new ArrayDeque<>(); // guards itself
  private final Thread logReader;
  private Map<String, Object> ready = Map.of();

  private Program(Path path, List<String> flags) {
    this.path = path;
    List<String> command =
        new ArrayList<>(
            List.of(
                path.toString(),
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--data",
                ":memory:",
                "--log-format",
                "json",
                "--admin-listen",
                "", // IVSCHAT_ADMIN_LISTEN has the address of another emulator, if it is set
                "--stop-with-stdin"));
    command.addAll(flags);
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().keySet().removeAll(CLUSTER_VARIABLES);
      process = builder.start();
    } catch (IOException e) {
      throw new IvsChatException("The program " + path + " cannot be started: " + e.getMessage(), e);
    }
    logReader = read(process.getErrorStream(), this::keep);
  }

  /** Starts the program, and returns when it is ready. */
  static Program start(String option, List<String> flags, Duration timeout) {
    Program program = new Program(find(option), flags);
    try {
      program.awaitReady(timeout);
      return program;
    } catch (RuntimeException e) {
      program.stop(timeout);
      throw e;
    }
  }

  private void awaitReady(Duration timeout) {
    CompletableFuture<String> first = new CompletableFuture<>();
    Thread reader = read(process.getInputStream(), first::complete);
    process.onExit().thenRun(() -> finish(reader, first));
    try {
      ready = Json.object(first.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
    } catch (IllegalArgumentException e) {
      throw new IvsChatException(
          "The program " + path + " is no ivschat-local: its first line is " + e.getMessage(), e);
    } catch (ExecutionException e) {
      throw new IvsChatException(ended().orElseThrow(), e.getCause());
    } catch (TimeoutException e) {
      throw new IvsChatException("The program " + path + " was not ready in " + Texts.seconds(timeout) + problems(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IvsChatException("The wait for the program " + path + " was interrupted", e);
    }
  }

  /** Tells who waits for the first line that there is none, after all lines were read. */
  private void finish(Thread reader, CompletableFuture<String> first) {
    join(reader);
    join(logReader);
    first.completeExceptionally(new IOException("the program has ended"));
  }

  /** Returns what the program has printed when it was ready. */
  Map<String, Object> ready() {
    return ready;
  }

  /** Returns the end of the log, each line as JSON. */
  String log() {
    synchronized (log) {
      return String.join("\n", log);
    }
  }

  /** Says why the program does not run any more. A program that is about to end is waited for. */
  Optional<String> ended() {
    try {
      if (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
        return Optional.empty();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
    join(logReader);
    return Optional.of(
        "The program " + path + " has ended with exit code " + process.exitValue() + problems());
  }

  /** Lets the program end, and waits for that. After the timeout, it is killed. */
  void stop(Duration timeout) {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
      join(logReader); // so that the log is complete
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  private void keep(String line) {
    synchronized (log) {
      if (log.size() == LOG_LINES) {
        log.removeFirst();
      }
      log.addLast(line);
    }
  }

  /** Returns what the log says about problems, under a colon, or "". */
  private String problems() {
    List<String> texts;
    synchronized (log) {
      texts = log.stream().flatMap(Program::problem).toList();
    }
    List<String> last = texts.subList(Math.max(0, texts.size() - SHOWN_LOG_LINES), texts.size());
    return last.isEmpty() ? "" : ": " + String.join("\n", last);
  }

  /** Returns the message of a line about an error, or the line if it is no JSON. */
  private static Stream<String> problem(String line) {
    try {
      Map<String, Object> entry = Json.object(line);
      return Json.text(entry, "level").equals("ERROR") ? Stream.of(Json.text(entry, "msg")) : Stream.empty();
    } catch (IllegalArgumentException e) {
      return Stream.of(line);
    }
  }

  /** Reads lines until the end, so that the program never waits for a reader. */
  private static Thread read(InputStream from, Consumer<String> line) {
    Thread reader =
        new Thread(
            () -> {
              try (var lines = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                lines.lines().forEach(line);
              } catch (IOException | UncheckedIOException e) {
                // The program has ended.
              }
            },
            "ivschat-local");
    reader.setDaemon(true);
    reader.start();
    return reader;
  }

  private static void join(Thread thread) {
    try {
      thread.join(1000); // a process that it has started can keep the pipe open
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Returns the path of the program. */
  static Path find(String option) {
    String property = System.getProperty("ivschat.program", "");
    String variable = System.getenv().getOrDefault("IVSCHAT_PROGRAM", "");
    if (!option.isEmpty()) {
      return executable(option, "the option program");
    }
    if (!property.isEmpty()) {
      return executable(property, "the system property ivschat.program");
    }
    if (!variable.isEmpty()) {
      return executable(variable, "the variable IVSCHAT_PROGRAM");
    }
    String name = System.getProperty("os.name").startsWith("Windows") ? "ivschat-local.exe" : "ivschat-local";
    return in(System.getenv().getOrDefault("PATH", ""), name)
        .orElseThrow(
            () ->
                new IvsChatException(
                    "There is no program "
                        + name
                        + " in PATH, and neither the option program, the system property ivschat.program nor the"
                        + " variable IVSCHAT_PROGRAM names one. Install it as described at"
                        + " https://github.com/ivschat-local/ivschat-local/blob/main/docs/install.md, or use the"
                        + " container of ivschat-local-testcontainers."));
  }

  /** Returns where a program is in the directories of PATH. */
  static Optional<Path> in(String directories, String name) {
    return Stream.of(directories.split(File.pathSeparator))
        .filter(directory -> !directory.isEmpty())
        .flatMap(directory -> path(directory, name))
        .filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
        .findFirst();
  }

  /** Returns a path. A directory in quotation marks, as Windows has them, or with letters of another locale is none. */
  private static Stream<Path> path(String directory, String name) {
    try {
      return Stream.of(Path.of(directory, name));
    } catch (InvalidPathException e) {
      return Stream.empty();
    }
  }

  private static Path executable(String path, String from) {
    Path program;
    try {
      program = Path.of(path);
    } catch (InvalidPathException e) {
      throw new IvsChatException("The program " + path + ", which " + from + " names, is no path: " + e.getReason(), e);
    }
    if (!Files.isRegularFile(program)) {
      throw new IvsChatException("The program " + path + ", which " + from + " names, does not exist");
    }
    if (!Files.isExecutable(program)) {
      throw new IvsChatException("The program " + path + ", which " + from + " names, cannot be executed");
    }
    return program;
  }
}
