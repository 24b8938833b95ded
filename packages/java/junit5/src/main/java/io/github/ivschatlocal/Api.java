package io.github.ivschatlocal;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Calls of AWS's API and of the admin API. */
final class Api {
  private static final HttpClient HTTP =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).proxy(HttpClient.Builder.NO_PROXY).build();

  private final String endpoint;
  private final String admin;
  private final Supplier<Optional<String>> trouble;
  private final List<Map<String, Object>> callers;

  /**
   * Returns the API at an endpoint. The trouble says why nothing works, if it is known.
   *
   * @param admin the address of the admin API without its path
   */
  Api(String endpoint, String admin, Supplier<Optional<String>> trouble, Duration limit) {
    this.endpoint = endpoint;
    this.admin = admin;
    this.trouble = trouble;
    this.callers = Json.objects(admin("GET", "/callers", Map.of(), null, limit).get("items"));
  }

  /** Returns the URL of the admin API. */
  String adminUrl() {
    return admin + "/_ivschat/v1";
  }

  /** Returns the URL for the chat clients of this process. */
  String messagingUrl() {
    return endpoint.replaceFirst("^http", "ws");
  }

  /** Sends a request to the admin API, with a body that is a text, a value for JSON, or null. */
  Map<String, Object> admin(String method, String path, Map<String, String> query, Object body, Duration limit) {
    String answer = text(method, path, query, body, limit);
    try {
      return answer.isEmpty() ? Map.of() : Json.object(answer);
    } catch (IllegalArgumentException e) {
      throw new IvsChatException("At " + adminUrl() + " is no ivschat-local: its answer is " + e.getMessage(), e);
    }
  }

  /** Like admin, but returns the answer as it is. */
  String text(String method, String path, Map<String, String> query, Object body, Duration limit) {
    if (admin.isEmpty()) {
      throw new IvsChatException("The admin API is off, because the emulator was started with --admin-listen off");
    }
    String parameters =
        query.entrySet().stream()
            .map(parameter -> parameter.getKey() + "=" + encode(parameter.getValue()))
            .collect(Collectors.joining("&"));
    return send(method, adminUrl() + path + (parameters.isEmpty() ? "" : "?" + parameters), body, Map.of(), limit);
  }

  /** Calls an operation of AWS's API. An empty account is that of the emulator. */
  Map<String, Object> call(
      String operation, Map<String, Object> input, String account, String region, Duration limit) {
    String body = Json.write(input);
    Map<String, String> headers = new LinkedHashMap<>();
    if (!callers.isEmpty()) {
      Map<String, Object> request =
          Map.of(
              "method", "POST",
              "path", "/" + operation,
              "body", body,
              "region", region,
              "host", URI.create(endpoint).getRawAuthority());
      String sign = "/callers/" + encode(accessKey(account)) + "/sign";
      headers.putAll(Json.texts(admin("POST", sign, Map.of(), request, limit), "headers"));
    } else if (!account.isEmpty()) {
      // Without --auth, the emulator reads the account and the region, and verifies no signature.
      String scope = account + "/20260101/" + region + "/ivschat/aws4_request";
      headers.put(
          "Authorization", "AWS4-HMAC-SHA256 Credential=" + scope + ", SignedHeaders=host, Signature=none");
    }
    return Json.object(send("POST", endpoint + "/" + operation, body, headers, limit));
  }

  /** Returns the access key of an account, with --auth. */
  private String accessKey(String account) {
    return callers.stream()
        .filter(caller -> account.isEmpty() || Json.text(caller, "account").equals(account))
        .map(caller -> Json.text(caller, "accessKeyId"))
        .findFirst()
        .orElseThrow(
            () ->
                new IvsChatException(
                    "No access key of the emulator belongs to the account "
                        + account
                        + ": with --auth, give it one with --credentials"));
  }

  private String send(String method, String url, Object body, Map<String, String> headers, Duration limit) {
    var content =
        body == null
            ? BodyPublishers.noBody()
            : BodyPublishers.ofString(body instanceof String text ? text : Json.write(body));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url))
            .method(method, content)
            .header("Content-Type", "application/json");
    headers.forEach(request::header);
    HttpResponse<String> response;
    // The timeout of a request would not limit how long its answer takes to arrive.
    CompletableFuture<HttpResponse<String>> answer = HTTP.sendAsync(request.build(), BodyHandlers.ofString());
    try {
      response = answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IvsChatException(trouble.get().orElse(method + " " + url + " failed: " + e.getCause()), e.getCause());
    } catch (TimeoutException e) {
      answer.cancel(true);
      String late = method + " " + url + " had no answer in " + Texts.seconds(limit);
      throw new IvsChatException(trouble.get().orElse(late), e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new IvsChatException(method + " " + url + " was interrupted", e);
    }
    if (response.statusCode() >= 300) {
      String exception = response.headers().firstValue("x-amzn-errortype").orElse("");
      String what = method + " " + URI.create(url).getPath();
      throw RefusedException.of(what, response.statusCode(), exception, response.body());
    }
    return response.body();
  }

  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
