// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Compares two schemas of one wire type. Messages are kept for ever and readers are older or newer than writers, so only
 * this may change: texts, further optional properties, further values of an enum. It reads what our schemas are made
 * of: local references that form no circle.
 */
final class SchemaChanges {
  private static final Set<String> TEXTS = Set.of("title", "description", "examples", "$comment");
  private static final Set<String> COMPARED_BY_PART = Set.of("properties", "required", "enum", "items", "$defs");

  private final JsonNode rootBefore;
  private final JsonNode rootAfter;
  private final List<String> breaking = new ArrayList<>();

  private SchemaChanges(JsonNode before, JsonNode after) {
    this.rootBefore = before;
    this.rootAfter = after;
  }

  /** What a reader or a stored message would trip over, each with its place; empty if the change is additive. */
  static List<String> breaking(JsonNode before, JsonNode after) {
    var changes = new SchemaChanges(before, after);
    changes.compare("", before, after);
    return changes.breaking;
  }

  private void compare(String place, JsonNode refBefore, JsonNode refAfter) {
    var before = resolve(rootBefore, refBefore);
    var after = resolve(rootAfter, refAfter);
    var keywords = new TreeSet<>(before.propertyNames());
    keywords.addAll(after.propertyNames());
    keywords.removeAll(TEXTS);
    keywords.removeAll(COMPARED_BY_PART);
    for (var keyword : keywords) {
      if (!before.path(keyword).equals(after.path(keyword))) {
        report(place, keyword + " was " + before.path(keyword) + ", is " + after.path(keyword));
      }
    }
    compareEnums(place, before.path("enum"), after.path("enum"));
    compareProperties(place, before, after);
    if (before.has("items") && after.has("items")) {
      compare(place + "/items", before.path("items"), after.path("items"));
    } else if (before.has("items") || after.has("items")) {
      report(place, "items was " + before.path("items") + ", is " + after.path("items"));
    }
  }

  private void compareEnums(String place, JsonNode before, JsonNode after) {
    if (before.isMissingNode() && !after.isMissingNode()) {
      report(place, "enum added");
    }
    var values = after.valueStream().collect(Collectors.toSet());
    before.valueStream().filter(value -> !values.contains(value))
        .forEach(value -> report(place, "enum value " + value + " removed"));
  }

  private void compareProperties(String place, JsonNode before, JsonNode after) {
    var required = names(before.path("required"));
    var requiredNow = names(after.path("required"));
    for (var property : before.path("properties").properties()) {
      var name = property.getKey();
      var now = after.path("properties").path(name);
      if (now.isMissingNode()) {
        report(place + "/" + name, "removed");
        continue;
      }
      if (required.contains(name) != requiredNow.contains(name)) {
        report(place + "/" + name, requiredNow.contains(name) ? "required now" : "no longer required");
      }
      compare(place + "/" + name, property.getValue(), now);
    }
    requiredNow.stream().filter(name -> !before.path("properties").has(name))
        .forEach(name -> report(place + "/" + name, "new and required"));
  }

  private void report(String place, String what) {
    breaking.add((place.isEmpty() ? "/" : place) + ": " + what);
  }

  private static Set<String> names(JsonNode array) {
    return array.valueStream().map(JsonNode::stringValue).collect(Collectors.toCollection(TreeSet::new));
  }

  /** The schema itself, or what it refers to together with what stands beside the reference. */
  static JsonNode resolve(JsonNode root, JsonNode schema) {
    if (!schema.has("$ref")) {
      return schema;
    }
    var target = root.at(schema.path("$ref").stringValue().substring("#".length()));
    if (!(target instanceof ObjectNode object)) {
      throw new IllegalArgumentException("$ref: " + schema.path("$ref") + " (expected: a local definition)");
    }
    var merged = object.deepCopy();
    schema.properties().stream().filter(keyword -> !keyword.getKey().equals("$ref"))
        .forEach(keyword -> merged.set(keyword.getKey(), keyword.getValue()));
    return merged;
  }
}
