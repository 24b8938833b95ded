package io.github.ivschatlocal;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Members of a request, which nobody can change. A change makes a copy. */
abstract class Members<T extends Members<T>> {
  private final Map<String, Object> members;

  Members(Map<String, Object> members) {
    this.members = members;
  }

  /** Returns the same kind of request with these members. */
  abstract T copy(Map<String, Object> changed);

  /** Returns a copy with one more member, or with another value of it. */
  final T set(String name, Object value) {
    if (value == null) {
      throw new IllegalArgumentException("The value of " + name + " must not be null: leave it out");
    }
    Map<String, Object> changed = new LinkedHashMap<>(members);
    changed.put(name, value);
    return copy(Collections.unmodifiableMap(changed));
  }

  final Map<String, Object> members() {
    return members;
  }

  @Override
  public final String toString() {
    return Json.write(members);
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof Members<?> same && same.getClass() == getClass() && same.members.equals(members);
  }

  @Override
  public final int hashCode() {
    return members.hashCode();
  }
}
