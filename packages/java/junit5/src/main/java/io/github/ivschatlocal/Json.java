package io.github.ivschatlocal;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.ToNumberPolicy;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** JSON as maps, lists, texts, longs, doubles and booleans. It is the only place that knows the library. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .disableHtmlEscaping()
          .create();

  private Json() {}

  static String write(Object value) {
    return GSON.toJson(value);
  }

  /** Returns the members of an object, in their order. Throws an IllegalArgumentException if it is none. */
  static Map<String, Object> object(String text) {
    try {
      Object value = GSON.fromJson(text, Object.class);
      if (value instanceof Map) {
        return members(value);
      }
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("not JSON: " + Texts.shorten(text), e);
    }
    throw new IllegalArgumentException("not an object in JSON: " + Texts.shorten(text));
  }

  /** Returns the members of a value, which are none if it is not an object. */
  static Map<String, Object> members(Object value) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      map.forEach((name, member) -> members.put((String) name, member));
    }
    return Collections.unmodifiableMap(members);
  }

  /** Returns the objects in a list. */
  static List<Map<String, Object>> objects(Object list) {
    return list instanceof List<?> values ? values.stream().map(Json::members).toList() : List.of();
  }

  /** Returns a member that is a text, or "". */
  static String text(Map<String, Object> object, String name) {
    return object.get(name) instanceof String text ? text : "";
  }

  /** Returns a member that is a whole number, or 0. */
  static long number(Map<String, Object> object, String name) {
    return object.get(name) instanceof Number number ? number.longValue() : 0;
  }

  /** Returns a member whose own members are texts. It has none if the member is absent. */
  static Map<String, String> texts(Map<String, Object> object, String name) {
    Map<String, String> texts = new TreeMap<>();
    members(object.get(name)).forEach((key, value) -> texts.put(key, String.valueOf(value)));
    return Collections.unmodifiableMap(texts);
  }
}
