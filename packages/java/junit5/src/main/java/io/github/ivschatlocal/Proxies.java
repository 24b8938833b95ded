package io.github.ivschatlocal;

import java.net.URI;
import java.util.Arrays;
import java.util.Map;

/** Exceptions from the proxy of the environment. */
final class Proxies {
  private static final String UPPER = "NO_PROXY";
  private static final String LOWER = "no_proxy";

  private Proxies() {}

  /** Returns both variables, with what they have in an environment, and the host of the endpoint. */
  static Map<String, String> exceptions(Map<String, String> environment, String endpoint) {
    String upper = environment.getOrDefault(UPPER, "");
    String lower = environment.getOrDefault(LOWER, "");
    String host = URI.create(endpoint).getHost().replaceAll("^\\[|\\]$", "");
    return Map.of(
        UPPER, with(host, upper.isEmpty() ? lower : upper), LOWER, with(host, lower.isEmpty() ? upper : lower));
  }

  private static String with(String host, String hosts) {
    if (hosts.isEmpty()) {
      return host;
    }
    boolean there = hosts.equals("*") || Arrays.asList(hosts.split(",")).contains(host);
    return there ? hosts : hosts + "," + host;
  }
}
