// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class SchemaChangesTest {
  private static final String BEFORE = """
                                       {"$id": "urn:a", "type": "object",
                                        "properties": {
                                          "id": {"$ref": "#/$defs/Id", "description": "which"},
                                          "kind": {"type": "string", "enum": ["A", "B"]},
                                          "text": {"type": "string"},
                                          "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}, "maxItems": 10}},
                                        "required": ["id", "parts"],
                                        "$defs": {
                                          "Id": {"type": "string", "pattern": "^[0-9]{4}$"},
                                          "Part": {"type": "object", "properties": {"size": {"type": "integer"}}, "required": ["size"]}}}
                                       """;

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
                                          a text is changed               | "which"              | "which one"
                                          an enum gets a value            | "B"                  | "B", "C"
                                          an optional property is added   | "text":              | "more": {"type": "object"}, "text":
                                          the same of a part              | "size":              | "more": {"type": "string"}, "size":
                                          a definition is renamed         | Part"                | Piece"
                                          required stands in another order | "id", "parts"       | "parts", "id"
                                          """)
  void thisIsAdditive(String what, String text, String replacement) {
    assertThat(SchemaChanges.breaking(json(BEFORE), changed(text, replacement))).as(what).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(delimiter = '|', textBlock = """
                                          a property is removed           | "text": {"type": "string"},   | ''                             | /text: removed
                                          a property is renamed           | "text":                       | "label":                       | /text: removed
                                          a property is retyped           | "text": {"type": "string"}    | "text": {"type": "integer"}    | /text: type was "string", is "integer"
                                          a part's property is retyped    | "integer"                     | "number"                       | /parts/items/size: type was "integer", is "number"
                                          a part's property is removed    | {"size": {"type": "integer"}}, "required": ["size"]} | {}}     | /parts/items/size: removed
                                          a pattern is changed            | {4}                           | {5}                            | /id: pattern was "^[0-9]{4}$", is "^[0-9]{5}$"
                                          a limit is changed              | 10                            | 9                              | /parts: maxItems was 10, is 9
                                          a limit is added                | "text": {"type": "string"}    | "text": {"type": "string", "maxLength": 9} | /text: maxLength was , is 9
                                          an enum loses a value           | "A",                          | ''                             | /kind: enum value "A" removed
                                          an enum is imposed              | "text": {"type": "string"}    | "text": {"type": "string", "enum": ["x"]} | /text: enum added
                                          an optional property is required now | ["id", "parts"]          | ["id", "parts", "text"]        | /text: required now
                                          a required property is optional now  | ["id", "parts"]          | ["id"]                         | /parts: no longer required
                                          a new property is required      | ["id", "parts"]               | ["id", "parts", "more"]        | /more: new and required
                                          a part's new property is required | ["size"]                    | ["size", "more"]               | /parts/items/more: new and required
                                          the object is closed            | "$id": "urn:a",               | "$id": "urn:a", "additionalProperties": false, | /: additionalProperties was , is false
                                          the items may be anything       | "items": {"$ref": "#/$defs/Part"}, | ''                        | /parts: items was {"$ref":"#/$defs/Part"}, is
                                          it is another schema            | urn:a                         | urn:b                          | /: $id was "urn:a", is "urn:b"
                                          """)
  void thisBreaks(String what, String text, String replacement, String breaking) {
    assertThat(SchemaChanges.breaking(json(BEFORE), changed(text, replacement))).as(what).map(String::strip)
        .containsExactly(breaking);
  }

  @ParameterizedTest
  @MethodSource("dev.otaverify.contracts.ContractFiles#versions")
  void noReleasedSchemaCanBeBrokenUnnoticed(String version) {
    ContractFiles.frozenSchemas(version).forEach((type, frozen) -> {
      var changes = breakingChanges(frozen);
      assertThat(changes).as(type).hasSizeGreaterThan(2);
      changes.forEach((what, broken) -> assertThat(SchemaChanges.breaking(frozen, broken)).as(type + ": " + what)
          .isNotEmpty());
    });
  }

  /** The schema with one thing broken, for each object, field and enum in it at any depth. */
  private static Map<String, JsonNode> breakingChanges(JsonNode schema) {
    var changes = new LinkedHashMap<String, JsonNode>();
    for (int i = 0; i < schema.findParents("properties").size(); i++) {
      int which = i;
      UnaryOperator<JsonNode> object = copy -> copy.findParents("properties").get(which);
      // What only an if compares has no type of its own.
      if (!object.apply(schema).has("type")) {
        continue;
      }
      changes.put(i + " needs more", with(schema, copy -> {
        ((ObjectNode) object.apply(copy).path("properties")).putObject("more").put("type", "string");
        object.apply(copy).withArray("required").add("more");
      }));
      for (var field : object.apply(schema).path("properties").propertyNames()) {
        changes.put(i + " without " + field,
            with(schema, copy -> ((ObjectNode) object.apply(copy).path("properties")).remove(field)));
        changes.put(i + " with another " + field,
            with(schema, copy -> ((ObjectNode) object.apply(copy).path("properties")).putObject(field).put("type",
                "array")));
      }
    }
    for (int i = 0; i < schema.findParents("enum").size(); i++) {
      int which = i;
      changes.put("a value less in enum " + i,
          with(schema, copy -> ((ArrayNode) copy.findParents("enum").get(which).path("enum")).remove(0)));
    }
    return changes;
  }

  private static JsonNode with(JsonNode schema, Consumer<JsonNode> change) {
    var copy = schema.deepCopy();
    change.accept(copy);
    return copy;
  }

  private static JsonNode changed(String text, String replacement) {
    assertThat(BEFORE).contains(text);
    return json(BEFORE.replace(text, replacement));
  }

  private static JsonNode json(String text) {
    return Wire.JSON.readTree(text);
  }
}
