package io.github.ivschatlocal;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

/**
 * A local emulator of Amazon IVS Chat, for tests. It keeps everything in memory, and ends with {@link #close}, or with
 * this process, however that ends.
 *
 * <p>What waits fails after 10 seconds, see {@link #within}, with an {@link AssertionError} that says what happened
 * instead. If the emulator refuses something, that is a {@link RefusedException}. Several threads can use it.
 *
 * <pre>{@code
 * try (IvsChat ivschat = IvsChat.start()) {
 *   Room room = ivschat.room();
 *   ChatClient anna = ivschat.connect(room.arn(), "anna", Capability.SEND_MESSAGE);
 *   anna.send("hello");
 *   anna.receive(frame -> frame.content().equals("hello"));
 * }
 * }</pre>
 */
public final class IvsChat implements AutoCloseable {
  private static final String DEFAULT_ACCOUNT = "000000000000";

  /** Of one request. The emulator allows twice as much. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

  private final Emulator emulator;
  private final View view;
  private final Duration limit;

  private IvsChat(Emulator emulator, View view, Duration limit) {
    this.emulator = emulator;
    this.view = view;
    this.limit = limit;
  }

  /** The emulator, which all views share. The key is empty without --auth. */
  private record Emulator(
      Optional<Program> program,
      Api api,
      String endpoint,
      String version,
      long randomSeed,
      Map<String, String> key,
      Duration timeout) {}

  /** The account that is seen and changed, or "" for all, and the clients that were connected with it. */
  private record View(String account, String region, boolean owner, Set<ChatClient> clients) {
    View(String account, String region, boolean owner) {
      this(account, region, owner, ConcurrentHashMap.newKeySet());
    }
  }

  /**
   * Starts an emulator without rooms.
   *
   * @return the emulator, which is ready
   */
  public static IvsChat start() {
    return start(IvsChatOptions.defaults());
  }

  /**
   * Starts an emulator, or finds the one that the options name.
   *
   * @param options how it is started
   * @return the emulator, which is ready
   */
  public static IvsChat start(IvsChatOptions options) {
    Optional<Program> program = options.text("endpoint").isEmpty() ? Optional.of(run(options)) : Optional.empty();
    try {
      return attach(options, program);
    } catch (RuntimeException e) {
      program.ifPresent(started -> started.stop(options.timeout()));
      throw e;
    }
  }

  private static Program run(IvsChatOptions options) {
    List<String> flags = new ArrayList<>();
    Map.of("randomSeed", "--random-seed", "region", "--region").forEach((name, flag) -> {
      if (!options.text(name).isEmpty()) {
        flags.addAll(List.of(flag, options.text(name)));
      }
    });
    flags.addAll(options.args());
    return Program.start(options.text("program"), flags, options.timeout());
  }

  private static IvsChat attach(IvsChatOptions options, Optional<Program> program) {
    for (String name : List.of("program", "randomSeed", "args")) {
      if (program.isEmpty() && options.members().containsKey(name)) {
        throw new IllegalArgumentException(
            "The options endpoint and " + name + " exclude each other, because that emulator runs already");
      }
    }
    Map<String, Object> ready = program.map(Program::ready).orElse(Map.of());
    String endpoint = program.isEmpty() ? options.text("endpoint") : Json.text(ready, "endpoint");
    // With TLS, the same port also has plain HTTP, for which this process needs to trust nobody.
    String plain = ready.containsKey("http_endpoint") ? Json.text(ready, "http_endpoint") : endpoint;
    String admin = program.isEmpty() ? plain : Json.text(ready, "admin").replace(endpoint, plain);
    Supplier<Optional<String>> trouble = () -> program.flatMap(Program::ended);
    Api api = new Api(plain, admin, trouble, options.timeout());
    Map<String, Object> info = api.admin("GET", "/info", Map.of(), null, options.timeout());
    Map<String, String> key = new TreeMap<>();
    if (ready.containsKey("access_key_id")) {
      key.put("id", Json.text(ready, "access_key_id"));
      key.put("secret", Json.text(ready, "secret_access_key"));
    }
    String region = options.text("region").isEmpty() ? Json.text(info, "region") : options.text("region");
    IvsChat ivschat =
        new IvsChat(
            new Emulator(
                program,
                api,
                endpoint,
                Json.text(info, "version"),
                Json.number(info, "randomSeed"),
                key,
                options.timeout()),
            new View(options.text("account"), region, true),
            options.timeout());
    if (!options.text("seed").isEmpty()) {
      ivschat.seed(options.text("seed"));
    }
    return ivschat;
  }

  /**
   * Returns the same emulator, of which only one account is seen and changed. To close it ends its chat clients, and
   * not the emulator.
   *
   * @param account an ID of 12 digits
   * @return the emulator for this account
   */
  public IvsChat forAccount(String account) {
    return new IvsChat(emulator, new View(Texts.account(account), view.region, false), limit);
  }

  /**
   * Returns the same emulator with another time limit for what waits, also of chat clients that it connects.
   *
   * @param limit how long to wait
   * @return the emulator with this limit
   */
  public IvsChat within(Duration limit) {
    return new IvsChat(emulator, view, limit);
  }

  /**
   * Returns the endpoint for AWS SDKs. If the environment of the tests has HTTP_PROXY, the HTTP client of the AWS SDK for
   * Java uses that proxy also for this machine, unless NO_PROXY has the host, or its proxyConfiguration says not to use
   * the values of environment variables.
   *
   * @return a URL such as http://127.0.0.1:4700
   */
  public String endpoint() {
    return emulator.endpoint;
  }

  /**
   * Returns the endpoint for chat clients.
   *
   * @return a URL such as ws://127.0.0.1:4700
   */
  public String messagingUrl() {
    return emulator.endpoint.replaceFirst("^http", "ws");
  }

  /**
   * Returns the URL of the admin API.
   *
   * @return a URL such as http://127.0.0.1:4700/_ivschat/v1
   */
  public String adminUrl() {
    return emulator.api.adminUrl();
  }

  /**
   * Returns the account that is seen and changed.
   *
   * @return 12 digits, or nothing if all accounts are meant
   */
  public Optional<String> account() {
    return view.account.isEmpty() ? Optional.empty() : Optional.of(view.account);
  }

  /**
   * Returns the region of rooms.
   *
   * @return the region
   */
  public String region() {
    return view.region;
  }

  /**
   * Returns the number that repeats the IDs and random faults of this run, see {@link IvsChatOptions#withRandomSeed}.
   *
   * @return the random seed
   */
  public long randomSeed() {
    return emulator.randomSeed;
  }

  /**
   * Returns the version of the emulator.
   *
   * @return the version
   */
  public String version() {
    return emulator.version;
  }

  /**
   * Returns what the emulator has logged lately, each line as JSON.
   *
   * @return the log, or "" if it was not started here
   */
  public String log() {
    return emulator.program.map(Program::log).orElse("");
  }

  /**
   * Returns the access key for AWS SDKs. It selects the account. With --auth, it is the one that the emulator has made.
   *
   * @return the ID of the access key
   */
  public String accessKeyId() {
    return emulator.key.getOrDefault("id", view.account.isEmpty() ? DEFAULT_ACCOUNT : view.account);
  }

  /**
   * Returns the secret access key for AWS SDKs. Without --auth, the emulator does not check it.
   *
   * @return the secret access key, or "" with --credentials, because only your file has it
   */
  public String secretAccessKey() {
    return emulator.key.getOrDefault("secret", "local");
  }

  /**
   * Returns environment variables that point the AWS SDKs of another process to the emulator. IVSCHAT_MESSAGING_URL is
   * the endpoint for chat clients. NO_PROXY and no_proxy have what they have in this process, and the host of the
   * emulator.
   *
   * @return the variables
   */
  public Map<String, String> env() {
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("AWS_ENDPOINT_URL_IVSCHAT", endpoint());
    variables.put("IVSCHAT_MESSAGING_URL", messagingUrl());
    variables.put("AWS_ACCESS_KEY_ID", accessKeyId());
    variables.put("AWS_SECRET_ACCESS_KEY", secretAccessKey());
    variables.put("AWS_SESSION_TOKEN", ""); // that of other credentials does not belong to these
    variables.put("AWS_REGION", region());
    variables.put("AWS_DEFAULT_REGION", region());
    variables.putAll(Proxies.exceptions(System.getenv(), endpoint()));
    return variables;
  }

  /**
   * Returns the certificate authority that TLS clients have to trust. The emulator must serve TLS.
   *
   * @return a certificate in PEM
   */
  public String certificateAuthority() {
    return emulator.api.text("GET", "/ca", Map.of(), null, emulator.timeout);
  }

  /**
   * Returns a context for TLS clients that trust the emulator, and nobody else. The emulator must serve TLS.
   *
   * @return the context, for instance of a {@link java.net.http.HttpClient}
   */
  public SSLContext sslContext() {
    return Trust.in(certificateAuthority());
  }

  /**
   * Creates a room.
   *
   * @return the room
   */
  public Room room() {
    return room(new RoomOptions());
  }

  /**
   * Creates a room.
   *
   * @param options its name, limits and so on
   * @return the room
   */
  public Room room(RoomOptions options) {
    Map<String, Object> room =
        emulator.api.call("CreateRoom", options.members(), view.account, view.region, emulator.timeout);
    return new Room(Json.text(room, "arn"), Json.text(room, "id"), Json.text(room, "name"));
  }

  /**
   * Creates a chat token.
   *
   * @param room the ARN of a room
   * @param userId the ID of the user
   * @param capabilities what the user may do; none for a user who can only read
   * @return the chat token
   */
  public String token(String room, String userId, Capability... capabilities) {
    return token(room, userId, new TokenOptions().withCapabilities(capabilities));
  }

  /**
   * Creates a chat token.
   *
   * @param room the ARN of a room
   * @param userId the ID of the user
   * @param options capabilities, attributes and duration
   * @return the chat token
   */
  public String token(String room, String userId, TokenOptions options) {
    String[] parts = arn(room).split(":");
    Map<String, Object> input = new LinkedHashMap<>(options.members());
    input.put("roomIdentifier", room);
    input.put("userId", userId);
    return Json.text(emulator.api.call("CreateChatToken", input, parts[4], parts[3], emulator.timeout), "token");
  }

  /**
   * Connects as a user. The connection ends with {@link #close}.
   *
   * @param room the ARN of a room
   * @param userId the ID of the user
   * @param capabilities what the user may do; none for a user who can only read
   * @return the client, which is connected
   */
  public ChatClient connect(String room, String userId, Capability... capabilities) {
    return connectWithToken(token(room, userId, capabilities));
  }

  /**
   * Connects as a user. The connection ends with {@link #close}.
   *
   * @param room the ARN of a room
   * @param userId the ID of the user
   * @param options capabilities, attributes and duration
   * @return the client, which is connected
   */
  public ChatClient connect(String room, String userId, TokenOptions options) {
    return connectWithToken(token(room, userId, options));
  }

  /**
   * Connects with a chat token, for instance one of your application. The connection ends with {@link #close}.
   *
   * @param token the chat token
   * @return the client, which is connected
   * @throws RefusedException if the handshake is refused; {@link #journal} has the reason
   */
  public ChatClient connectWithToken(String token) {
    ChatClient client = ChatClient.dial(emulator.api.messagingUrl(), token, emulator.timeout).within(limit);
    view.clients.add(client);
    return client;
  }

  /**
   * Returns what a chat token contains, such as userId, capabilities and tokenExpirationTime. The token is not used up.
   *
   * @param token the chat token
   * @return maps, lists, texts, longs, doubles and booleans
   */
  public Map<String, Object> inspectToken(String token) {
    return admin("POST", "/tokens/inspect", Map.of(), Map.of("token", token));
  }

  /**
   * Returns the time of the emulator's clock.
   *
   * @return the time
   */
  public Instant now() {
    return Instant.parse(Json.text(admin("GET", "/clock", Map.of(), null), "now"));
  }

  /**
   * Moves the clock forward. When it returns, everything that became due has happened: for instance, sessions have
   * ended.
   *
   * @param duration at least 0
   */
  public void advance(Duration duration) {
    admin("POST", "/clock", Map.of(), Map.of("advance", Texts.duration(duration)));
  }

  /** Stops the clock. */
  public void freeze() {
    admin("POST", "/clock", Map.of(), Map.of("freeze", true));
  }

  /** Lets the clock run again after {@link #freeze}. */
  public void resume() {
    admin("POST", "/clock", Map.of(), Map.of("freeze", false));
  }

  /**
   * Adds a rule that makes something go wrong.
   *
   * @param rule the rule
   */
  public void fault(Fault rule) {
    admin("POST", "/faults", Map.of(), rule.members());
  }

  /** Removes all faults. */
  public void clearFaults() {
    admin("DELETE", "/faults", Map.of(), null);
  }

  /**
   * Answers in place of message review handlers. The first answer that applies to a message is given; if there is none,
   * the handler of the room reviews it. Answers that were scripted before are removed.
   *
   * @param answers the answers
   */
  public void scriptReviews(ReviewAnswer... answers) {
    admin("PUT", "/reviews", Map.of(), Stream.of(answers).map(ReviewAnswer::members).toList());
  }

  /**
   * Returns the reviews of messages so far.
   *
   * @param room the ARN of a room
   * @return their entries in the journal, the oldest first
   */
  public List<Entry> reviews(String room) {
    return entries(roomPath(room) + "/reviews", Map.of(), 0);
  }

  /**
   * Waits until messages have been reviewed.
   *
   * @param room the ARN of a room
   * @param count how many reviews to wait for
   * @return the reviews so far, at least count
   */
  public List<Entry> waitForReviews(String room, int count) {
    return await("reviews in " + room, roomPath(room) + "/reviews", Map.of(), count, entry -> true, Optional.empty());
  }

  /**
   * Returns the calls of AWS's API so far, also those that failed.
   *
   * @return their entries in the journal, the oldest first
   */
  public List<Entry> calls() {
    return entries("/calls", Map.of(), 0);
  }

  /**
   * Returns the calls of one operation so far, also those that failed.
   *
   * @param operation an operation of AWS's API, such as CreateChatToken
   * @return their entries in the journal, the oldest first
   */
  public List<Entry> calls(String operation) {
    return entries("/calls", Map.of("operation", operation), 0);
  }

  /**
   * Waits until an operation was called, also without success.
   *
   * @param operation an operation of AWS's API, such as CreateChatToken
   * @param count how many calls to wait for
   * @return the calls so far, at least count
   */
  public List<Entry> waitForCalls(String operation, int count) {
    return waitForCalls(operation, count, Map.of());
  }

  /**
   * Waits until an operation was called with these members, also without success. The request can have others, too.
   *
   * @param operation an operation of AWS's API, such as CreateChatToken
   * @param count how many calls to wait for
   * @param with members of the request, such as userId
   * @return these calls so far, at least count
   */
  public List<Entry> waitForCalls(String operation, int count, Map<String, ?> with) {
    Map<String, String> query = Map.of("operation", operation, "with", Json.write(with));
    Supplier<String> others =
        () ->
            Texts.list(
                "requests of " + operation,
                calls(operation).stream().map(call -> Json.write(call.request())).toList());
    String what = "calls of " + operation + " with " + Json.write(with);
    return await(what, "/calls", query, count, entry -> true, Optional.of(others));
  }

  /**
   * Waits until frames were sent to clients in a room. A frame to everyone counts once.
   *
   * @param room the ARN of a room
   * @param count how many frames to wait for
   * @return the entries of these frames so far, at least count
   */
  public List<Entry> waitForFrames(String room, int count) {
    return waitForFrames(room, count, frame -> true);
  }

  /**
   * Waits until frames that match were sent to clients in a room. A frame to everyone counts once.
   *
   * @param room the ARN of a room
   * @param count how many frames to wait for
   * @param matches says which frames count
   * @return the entries of these frames so far, at least count
   */
  public List<Entry> waitForFrames(String room, int count, Predicate<Frame> matches) {
    String path = roomPath(room) + "/frames";
    Predicate<Entry> counts = entry -> matches.test(entry.frame());
    return await("frames in " + room, path, Map.of("direction", "out"), count, counts, Optional.empty());
  }

  /**
   * Returns the users who are connected to a room, the one who connected first at the beginning. A user with two
   * connections is there twice.
   *
   * @param room the ARN of a room
   * @return the IDs of the users
   */
  public List<String> sessions(String room) {
    Object sessions = admin("GET", roomPath(room), Map.of(), null).get("sessions");
    return Json.objects(sessions).stream().map(session -> Json.text(session, "userId")).toList();
  }

  /**
   * Waits until a room has exactly this many sessions, for instance until an application has connected.
   *
   * @param room the ARN of a room
   * @param count how many sessions to wait for
   * @return the IDs of the users
   */
  public List<String> waitForSessions(String room, int count) {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      // Before the look, so that no change in between is missed.
      long last = Json.number(admin("GET", "/journal", Map.of("count", "1"), null), "last");
      List<String> users = sessions(room);
      if (users.size() == count) {
        return users;
      }
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (left.isNegative()) {
        throw new AssertionError(
            count(users.size(), "sessions in " + room, count) + Texts.list("users", users));
      }
      awaitEntry("/journal", Map.of(), last, left);
    }
  }

  /**
   * Returns the entries of the journal so far: calls, frames, handshakes, connections, faults and reviews.
   *
   * @return the entries, the oldest first
   */
  public List<Entry> journal() {
    return entries("/journal", Map.of(), 0);
  }

  /**
   * Removes rooms, sessions, faults, scripted answers and the journal, lets the clock run again, and goes back to the
   * seed if there is one.
   */
  public void reset() {
    Map<String, Object> info = emulator.api.admin("GET", "/info", Map.of(), null, emulator.timeout);
    admin("POST", "/reset", Map.of(), info.get("seeded").equals(true) ? Map.of("to", "seed") : null);
  }

  /** Removes what the account has, also the seed. */
  void clear() {
    admin("POST", "/reset", Map.of(), null);
  }

  /**
   * Adds rooms and logging configurations. {@link #reset} goes back to them.
   *
   * @param document a document in JSON or YAML
   */
  public void seed(String document) {
    admin("POST", "/seed", Map.of(), document);
  }

  /**
   * Returns all rooms, logging configurations and tags.
   *
   * @return a document in JSON for {@link #restore}
   */
  public String snapshot() {
    return emulator.api.text("GET", "/snapshot", query(Map.of()), null, emulator.timeout);
  }

  /**
   * Replaces everything with what a snapshot has. Chat clients are disconnected.
   *
   * @param snapshot a document of {@link #snapshot}
   */
  public void restore(String snapshot) {
    admin("PUT", "/snapshot", Map.of(), snapshot);
  }

  /** Ends the chat clients. Their connections end without a close frame. */
  public void disconnect() {
    view.clients.forEach(ChatClient::drop);
    view.clients.clear();
  }

  /** Ends the chat clients and, if it was started here, the emulator. */
  @Override
  public void close() {
    disconnect();
    if (view.owner) {
      emulator.program.ifPresent(program -> program.stop(emulator.timeout));
    }
  }

  /** Is the same as {@link #close}. */
  public void stop() {
    close();
  }

  /**
   * Sends any other request to the admin API, for the account if there is one.
   *
   * @param method GET, POST, PUT or DELETE
   * @param path the path after /_ivschat/v1, such as /clock/due
   * @param query parameters, such as count
   * @param body a text as it is, or a map, list or number that is sent as JSON, or null
   * @return the answer: maps, lists, texts, longs, doubles and booleans
   */
  public Map<String, Object> admin(String method, String path, Map<String, String> query, Object body) {
    return emulator.api.admin(method, path, query(query), body, emulator.timeout);
  }

  /** Adds the account to a query. */
  private Map<String, String> query(Map<String, String> others) {
    Map<String, String> query = new LinkedHashMap<>(others);
    if (!view.account.isEmpty()) {
      query.put("account", view.account);
    }
    return query;
  }

  /** Returns the entries after one. */
  private List<Entry> entries(String path, Map<String, String> filter, long after) {
    Map<String, String> query = new LinkedHashMap<>(filter);
    query.put("after", String.valueOf(after));
    query.put("count", "0");
    return Json.objects(admin("GET", path, query, null).get("items")).stream().map(Entry::new).toList();
  }

  /** Waits for one entry after another one, at least for a while. */
  private void awaitEntry(String path, Map<String, String> filter, long after, Duration left) {
    Duration wait = left.compareTo(LONGEST_WAIT) < 0 ? left : LONGEST_WAIT;
    Map<String, String> query = new LinkedHashMap<>(filter);
    query.put("after", String.valueOf(after));
    query.put("count", "1");
    query.put("timeout", Texts.duration(wait));
    emulator.api.admin("GET", path, query(query), null, wait.plus(emulator.timeout));
  }

  /** Waits for entries that match. If there are fewer in time, the error shows the others, or what is there. */
  private List<Entry> await(
      String what,
      String path,
      Map<String, String> filter,
      int count,
      Predicate<Entry> matches,
      Optional<Supplier<String>> others) {
    long end = System.nanoTime() + limit.toNanos();
    List<Entry> all = new ArrayList<>();
    while (true) {
      long last = all.isEmpty() ? 0 : all.get(all.size() - 1).id();
      all.addAll(entries(path, filter, last));
      List<Entry> found = all.stream().filter(matches).toList();
      if (found.size() >= count) {
        return found;
      }
      Duration left = Duration.ofNanos(end - System.nanoTime());
      if (left.isNegative()) {
        List<String> texts = all.stream().map(IvsChat::shown).toList();
        throw new AssertionError(
            count(found.size(), what, count) + others.map(Supplier::get).orElse(Texts.list("there are", texts)));
      }
      awaitEntry(path, filter, all.isEmpty() ? 0 : all.get(all.size() - 1).id(), left);
    }
  }

  private static String shown(Entry entry) {
    return entry.kind().equals("frame") ? entry.frame().raw() : Json.write(entry.request());
  }

  private String count(int found, String what, int count) {
    return "The number of " + what + " is " + found + ", and not " + count + ", after " + Texts.seconds(limit);
  }

  private static String roomPath(String room) {
    return "/rooms/" + Api.encode(arn(room));
  }

  private static String arn(String room) {
    if (!room.matches("arn:[^:]+:ivschat:[^:]+:[0-9]{12}:room/.+")) {
      throw new IllegalArgumentException("A room is named by its ARN, but this is \"" + room + "\"");
    }
    return room;
  }
}
