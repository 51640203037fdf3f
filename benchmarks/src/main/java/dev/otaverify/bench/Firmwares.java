// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.bench;

import dev.otaverify.bench.Http.Call;
import dev.otaverify.localstack.Part;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import reactor.core.publisher.Mono;

/**
 * What jobs are made of: firmware by the API, as many as wanted; devices by one statement into job-service's own table, since a job takes ten
 * that are in no other. Those never connect.
 */
final class Firmwares {
  private static final Pattern ID = Pattern.compile("\"FirmwareId\":\"([^\"]+)\"");
  private static final int DEVICES_OF_A_JOB = 10;
  private static final int LANES = 16;
  private static final int TRIES = 10;

  private final Stack stack;
  private final Http http;
  private final Function<Call, Mono<String>> api;
  private final String product;
  private final String url;
  private final Queue<String> free = new ConcurrentLinkedQueue<>();
  private final AtomicInteger firmware = new AtomicInteger();
  private final AtomicInteger jobs = new AtomicInteger();
  private int devices;

  Firmwares(Stack stack, Http http) {
    this.stack = stack;
    this.http = http;
    this.api = http.api(stack.settings());
    var client = stack.api();
    product = client.call("CreateProduct", Map.of("ProductName", "bench", "NodeType", "0")).path("ProductKey")
        .asString();
    var form = client.call("GenerateOTAUploadURL", Map.of()).path("Data");
    client.upload(form, new byte[64 * 1024]);
    url = form.path("FirmwareUrl").asString();
  }

  String product() {
    return product;
  }

  /** Makes so many more, and the devices for a job of each. */
  void prepare(int more) throws SQLException, InterruptedException {
    devices(more * DEVICES_OF_A_JOB);
    prepareAlone(more);
  }

  /** Makes so many more, for jobs on devices that there are. */
  void prepareAlone(int more) throws InterruptedException {
    int count = free.size() + more;
    // A stack that has just started refuses some of it, as it would for any client, who asks again.
    for (int tries = 0; free.size() < count; tries++) {
      if (tries == TRIES) {
        throw new IllegalStateException(
            "firmware: %d (expected: %d); the first refusal: %s".formatted(free.size(), count,
                http.firstRefusal()));
      }
      Load.closed(LANES, 0, count - free.size(), this::createFirmware);
    }
  }

  private Mono<Void> createFirmware() {
    int number = firmware.incrementAndGet();
    return api.apply(new Call("CreateOTAFirmware", Map.of("ProductKey", product, "FirmwareName", "bench_" + number,
        "DestVersion", "2.0." + number, "FirmwareUrl", url))).doOnNext(answer -> {
          var id = ID.matcher(answer);
          if (id.find()) {
            free.add(id.group(1));
          }
        }).then();
  }

  private void devices(int count) throws SQLException {
    try (var connection = stack.database(Part.JOB_SERVICE);
        var insert = connection.prepareStatement(
            """
            insert into device (product_key, device_name, iot_id, account, secret, enabled, created_at)
            select ?, 'bench-' || lpad(i::text, 8, '0'), ?::text || lpad(i::text, 19, '0'), 'default', md5(i::text), true, now()
            from generate_series(?, ?) i""")) {
      insert.setString(1, product);
      insert.setString(2, product);
      insert.setInt(3, devices);
      insert.setInt(4, devices + count - 1);
      insert.execute();
    }
    devices += count;
  }

  /** The ids of those that have no job yet. */
  List<String> free() {
    return List.copyOf(free);
  }

  /** The next job that can be created: of a firmware that had none, on devices that are in none. */
  Supplier<Call> nextJob() {
    return () -> {
      int job = jobs.getAndIncrement();
      return job(next(), IntStream.range(0, DEVICES_OF_A_JOB)
          .mapToObj(i -> "bench-%08d".formatted(job * DEVICES_OF_A_JOB + i)).toList());
    };
  }

  /** The id of one that has no job yet, for whoever asks to make one. */
  String next() {
    var id = free.poll();
    if (id == null) {
      throw new IllegalStateException("firmware: none left (expected: as many as prepared)");
    }
    return id;
  }

  /** A job of this firmware on these devices. */
  Call job(String firmwareId, List<String> deviceNames) {
    var parameters = new HashMap<>(
        Map.of("ProductKey", product, "FirmwareId", firmwareId, "TimeoutInMinutes", "1440"));
    for (int i = 0; i < deviceNames.size(); i++) {
      parameters.put("TargetDeviceName." + (i + 1), deviceNames.get(i));
    }
    return new Call("CreateOTAVerifyJob", parameters);
  }
}
