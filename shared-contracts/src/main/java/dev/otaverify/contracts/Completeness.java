// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.lang.reflect.RecordComponent;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** JSON can leave anything out. What is not {@link Nullable} in a record of the contract must be there. */
final class Completeness {
  private static final ClassValue<List<Component>> COMPONENTS = new ClassValue<>() {
    @Override
    protected List<Component> computeValue(Class<?> type) {
      return Stream.of(type.getRecordComponents()).filter(component -> !component.getType().isPrimitive())
          .map(Component::new).toList();
    }
  };

  private Completeness() {}

  private static final class Component {
    final RecordComponent component;
    final boolean required;

    Component(RecordComponent component) {
      this.component = component;
      this.required = !component.getAnnotatedType().isAnnotationPresent(Nullable.class);
      component.getAccessor().setAccessible(true);
    }

    @Nullable
    Object of(Object record) {
      try {
        return component.getAccessor().invoke(record);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(component + ": not readable (expected: an accessor)", e);
      }
    }
  }

  /** Throws {@link UnreadableMessageException} that names the first field that is missing, at any depth */
  static void check(String path, Object value) {
    @Nullable
    String missing = missing(value);
    if (missing != null) {
      throw new UnreadableMessageException(path + missing + ": missing (expected: a value)");
    }
  }

  /** The path of what is missing, below this; null if nothing is. */
  private static @Nullable String missing(Object value) {
    if (value instanceof List<?> list) {
      for (var element : list) {
        @Nullable
        String missing = missing(element);
        if (missing != null) {
          return "[]" + missing;
        }
      }
    } else if (value instanceof Record) {
      for (var component : COMPONENTS.get(value.getClass())) {
        @Nullable
        Object part = component.of(value);
        @Nullable
        String missing = part != null ? missing(part) : component.required ? "" : null;
        if (missing != null) {
          return "." + component.component.getName() + missing;
        }
      }
    }
    return null;
  }
}
