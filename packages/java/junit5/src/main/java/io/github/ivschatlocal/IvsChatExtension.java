package io.github.ivschatlocal;

import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A JUnit Jupiter extension that passes an {@link IvsChat} to tests. All tests of a run with the same options share one
 * emulator. Each test has an account of its own, so tests can also run in parallel, and each can move its clock. If a
 * test fails, the journal of its account is published as a file with the name ivschat-journal.json.
 *
 * <pre>{@code
 * @ExtendWith(IvsChatExtension.class)
 * class GreetingTest {
 *   @Test
 *   void annaReceivesTheGreeting(IvsChat ivschat) {
 *     Room room = ivschat.room();
 *   }
 * }
 * }</pre>
 *
 * <p>Methods with {@code @Test}, {@code @BeforeEach} and {@code @AfterEach} get the emulator of the test. Those with
 * {@code @BeforeAll} and {@code @AfterAll} get that of the class, which has another account, see {@link
 * Builder#onePerClass}. It needs JUnit Jupiter 5.14 or later; JUnit 6 works, too.
 */
public final class IvsChatExtension
    implements BeforeAllCallback, AfterAllCallback, AfterEachCallback, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(IvsChatExtension.class);
  private static final String FILE = "ivschat-journal.json";

  private final IvsChatOptions options;
  private final Supplier<IvsChat> running; // null for one that is started
  private final boolean onePerClass;
  private volatile ExtensionContext ofClass; // of the class with the field, while its tests run

  /** Passes emulators with the default options, for {@code @ExtendWith}. */
  public IvsChatExtension() {
    this(new Builder());
  }

  private IvsChatExtension(Builder builder) {
    options = builder.options;
    running = builder.running;
    onePerClass = builder.onePerClass;
  }

  /** How an extension is made, for {@code @RegisterExtension} at a static field. */
  public static final class Builder {
    private IvsChatOptions options = IvsChatOptions.defaults();
    private Supplier<IvsChat> running;
    private boolean onePerClass;

    private Builder() {}

    /**
     * Sets how the emulator is started. A seed is added to each account. An account in the options is that of all
     * tests, which then must not run in parallel, because each one ends with a reset.
     *
     * @param options the options
     * @return this
     */
    public Builder options(IvsChatOptions options) {
      this.options = options;
      return this;
    }

    /**
     * Uses an emulator that runs already, such as that of a container, instead of a new one. Of the options, only the
     * seed and the account count.
     *
     * @param running is asked when the emulator is first needed
     * @return this
     */
    public Builder emulator(Supplier<IvsChat> running) {
      this.running = running;
      return this;
    }

    /**
     * Gives all tests of a class the same account, which {@code @BeforeAll} gets, too. Choose it for a back end that is
     * started once for all tests.
     *
     * @return this
     */
    public Builder onePerClass() {
      onePerClass = true;
      return this;
    }

    /**
     * Returns the extension.
     *
     * @return the extension
     */
    public IvsChatExtension build() {
      return new IvsChatExtension(this);
    }
  }

  /**
   * Begins with the default options.
   *
   * @return a builder
   */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Returns the emulator of the class, for what gets no parameters, such as Spring's {@code @DynamicPropertySource}.
   * The extension must be in a static field.
   *
   * @return the emulator, with the account of the class
   */
  public IvsChat emulator() {
    ExtensionContext context = ofClass;
    if (context == null) {
      throw new IllegalStateException(
          "There is no emulator before the tests of the class begin, or the field with the extension is not static");
    }
    return scope(context).ivschat;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (ofClass == null) { // and not a nested class
      ofClass = context;
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (ofClass == context) {
      ofClass = null;
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    Scope scope = find(context);
    if (scope != null && context.getExecutionException().isPresent()) {
      scope.publish(context);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == IvsChat.class;
  }

  @Override
  public IvsChat resolveParameter(ParameterContext parameter, ExtensionContext context) {
    if (parameter.getDeclaringExecutable() instanceof Constructor) {
      throw new ParameterResolutionException(
          "A constructor cannot have a parameter IvsChat, because each test has its own: give it to a method with"
              + " @BeforeEach or @Test");
    }
    return scope(onePerClass && ofClass != null ? ofClass : context).ivschat;
  }

  private Scope find(ExtensionContext context) {
    return context.getStore(NAMESPACE).get(key(context), Scope.class);
  }

  /** Returns the emulator of a test or a class. It is made when it is first needed. */
  private Scope scope(ExtensionContext context) {
    return context.getStore(NAMESPACE).getOrComputeIfAbsent(key(context), key -> open(context), Scope.class);
  }

  /** Returns what an emulator is stored for. A test also finds what is stored for its class, and those around it. */
  private List<Object> key(ExtensionContext context) {
    return onePerClass ? List.of(source()) : List.of(source(), context.getUniqueId());
  }

  /** Returns what stands for the emulator: extensions with the same source share one. */
  private Object source() {
    return running == null ? options : running;
  }

  private Scope open(ExtensionContext context) {
    Shared shared =
        context
            .getRoot()
            .getStore(NAMESPACE)
            .getOrComputeIfAbsent(source(), source -> new Shared(start()), Shared.class);
    String account = options.text("account");
    IvsChat ivschat = shared.emulator.forAccount(account.isEmpty() ? shared.next() : account);
    if (!options.text("seed").isEmpty()) {
      ivschat.seed(options.text("seed"));
    }
    return new Scope(ivschat);
  }

  /** Starts an emulator. Each account gets the seed later. */
  private IvsChat start() {
    return running == null ? IvsChat.start(options.withSeed("")) : running.get();
  }

  /** An emulator for all tests of a run with the same options. */
  private record Shared(IvsChat emulator, AtomicLong accounts) implements AutoCloseable {
    Shared(IvsChat emulator) {
      this(emulator, new AtomicLong(100_000_000_000L));
    }

    String next() {
      return String.valueOf(accounts.incrementAndGet());
    }

    @Override
    public void close() {
      emulator.close();
    }
  }

  /** The emulator of a test or a class. */
  private record Scope(IvsChat ivschat) implements AutoCloseable {
    /** Publishes the journal, one entry in each line, and the number that repeats the run. */
    void publish(ExtensionContext context) {
      context.publishReportEntry("ivschat.randomSeed", String.valueOf(ivschat.randomSeed()));
      String journal;
      try {
        journal = ivschat.journal().stream().map(Entry::toString).collect(Collectors.joining(",\n", "[", "]\n"));
      } catch (IvsChatException e) {
        context.publishReportEntry("ivschat.journal", e.getMessage());
        return;
      }
      context.publishFile(
          FILE, MediaType.APPLICATION_JSON, file -> Files.writeString(file, journal, StandardCharsets.UTF_8));
    }

    /** Ends the chat clients, and removes what the account has. */
    @Override
    public void close() {
      ivschat.disconnect();
      try {
        ivschat.clear();
      } catch (IvsChatException e) {
        // The emulator has ended, so there is nothing to remove.
      }
    }
  }
}
