// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The tables of docs/EVENTS.md are what the AsyncAPI document says. {@code -Dota.docs.update=true} writes them anew. */
class EventsDocTest {
  private static final Path DOC = Path.of("..", "docs", "EVENTS.md");
  private static final List<String> TOPICS = List.of(Topics.FIRMWARE_EVENTS, Topics.REGISTRY_EVENTS, Topics.COMMANDS,
      Topics.DEVICE_INPUTS, Topics.REPLIES, Topics.deadLetters(Topics.COMMANDS),
      Topics.deadLetters(Topics.DEVICE_INPUTS));

  @Test
  void theTablesAreThoseOfTheContract() throws IOException {
    var page = Files.readString(DOC);
    var expected = with(page, "topics", topics());
    expected = with(expected, "firmware", events(Topics.FIRMWARE_EVENTS));
    expected = with(expected, "registry", events(Topics.REGISTRY_EVENTS));
    if (Boolean.getBoolean("ota.docs.update")) {
      Files.writeString(DOC, expected);
    }

    assertThat(Files.readString(DOC)).as("docs/EVENTS.md; mvn -pl shared-contracts test -Dtest=EventsDocTest"
        + " -Dota.docs.update=true writes its tables").isEqualTo(expected);
  }

  private static String topics() {
    assertThat(TOPICS).containsExactlyInAnyOrderElementsOf(Topics.all().keySet());
    return TOPICS.stream().map(topic -> {
      var channel = AsyncApi.channel(topic);
      boolean kept = AsyncApi.resolve(channel.path("bindings")).at("/kafka/topicConfiguration/retention.ms")
          .intValue() == -1;
      return "| `%s` | %s | %s | %s |\n".formatted(topic, channel.path("title").stringValue(),
          channel.at("/tags/0/name").stringValue(), kept ? "for ever" : "for an hour");
    }).collect(Collectors.joining("", "| topic | what | for | kept |\n| --- | --- | --- | --- |\n", ""));
  }

  private static String events(String topic) {
    return AsyncApi.channel(topic).path("messages").valueStream().map(AsyncApi::resolve)
        .map(EventsDocTest::event)
        .collect(Collectors.joining("", "| `ce_type` | | written by | about |\n| --- | --- | --- | --- |\n", ""));
  }

  private static String event(JsonNode message) {
    var headers = message.path("examples").path(0).path("headers");
    return "| `%s` | %s | %s | %s |\n".formatted(message.path("name").stringValue(),
        message.path("summary").stringValue(),
        headers.path("ce_source").stringValue().substring("/otaverify/".length()),
        about(headers.path("ce_subject").stringValue()));
  }

  private static String about(String subject) {
    return subject.contains("/")
        ? "device"
        : switch (subject.length()) {
          case 11 -> "product";
          case 22 -> "firmware";
          case 30 -> "job";
          case 36 -> "task";
          default -> throw new IllegalArgumentException("ce_subject: " + subject + " (expected: an id)");
        };
  }

  private static String with(String page, String name, String table) {
    var begin = "<!-- " + name + " -->\n";
    var end = "<!-- /" + name + " -->\n";
    assertThat(page).contains(begin, end);
    return page.substring(0, page.indexOf(begin) + begin.length()) + table + page.substring(page.indexOf(end));
  }
}
