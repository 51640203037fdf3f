// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import dev.otaverify.contracts.Wire;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.dataformat.csv.CsvMapper;
import tools.jackson.dataformat.csv.CsvSchema;

/**
 * Moves products and devices in with the keys, names and secrets they already have. A file is CSV with a header, or a JSON
 * array of objects; a row has the fields of {@link #FIELDS}, those of a product, of a device, or of both. It may be run
 * again, after an interruption or with a corrected file: what was taken is noted beside the file and not sent again, and
 * what is there already as it is brought is accepted by the service.
 */
final class Import {
  private static final Set<String> FIELDS = Set.of("ProductKey", "ProductName", "ProductSecret", "NodeType",
      "DataFormat", "Description", "DeviceName", "DeviceSecret", "Nickname");
  private static final List<String> OF_PRODUCT = List.of("ProductKey", "ProductName", "ProductSecret", "NodeType",
      "DataFormat", "Description");
  private static final List<String> OF_DEVICE = List.of("ProductKey", "DeviceName", "DeviceSecret", "Nickname");
  private static final int AT_ONCE = 8;

  private final ApiClient api;
  private final PrintStream out;

  Import(ApiClient api, PrintStream out) {
    this.api = api;
    this.out = out;
  }

  /**
   * One product or device of the file.
   *
   * @param row counts from 1
   * @param id what it is, without its secret
   */
  private record Item(int row, String id, String action, Map<String, String> parameters) {}

  /** What became of one. {@code refusal} is empty if it was taken. */
  private record Result(Item item, String refusal) {}

  /**
   * Runs it, and prints what was taken and what was refused and why.
   *
   * @return whether nothing was refused
   * @throws IllegalArgumentException if the file cannot be read as such
   */
  boolean run(Path file) throws IOException, InterruptedException {
    var products = new LinkedHashMap<String, Item>();
    var devices = new LinkedHashMap<String, Item>();
    sort(rows(file), products, devices);
    var journal = file.resolveSibling(file.getFileName() + ".imported");
    var taken = Files.exists(journal) ? new HashSet<>(Files.readAllLines(journal)) : new HashSet<String>();
    int before = taken.size();
    var refused = new ArrayList<Result>();
    // A device needs its product.
    for (var items : List.of(products.values(), devices.values())) {
      refused.addAll(send(items.stream().filter(item -> !taken.contains(item.id())).toList(), journal));
    }
    int all = products.size() + devices.size();
    out.printf("%d products and %d devices: %d taken, %d of them by an earlier run; %d refused%n", products.size(),
        devices.size(), all - refused.size(), Math.min(before, all), refused.size());
    refused.forEach(result -> out.printf("row %d: %s: %s%n", result.item().row(), result.item().id(),
        result.refusal()));
    return refused.isEmpty();
  }

  private List<Result> send(Collection<Item> items, Path journal) throws InterruptedException {
    var refused = new ArrayList<Result>();
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      var results = threads.invokeAll(items.stream().<Callable<Result>>map(item -> () -> send(item, journal)).toList());
      for (var result : results) {
        if (!result.get().refusal().isEmpty()) {
          refused.add(result.get());
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("import: " + e.getCause() + " (run it again to go on)", e);
    }
    return refused;
  }

  private Result send(Item item, Path journal) {
    try {
      api.call(item.action(), item.parameters());
    } catch (ApiClient.RefusedException e) {
      return new Result(item, String.valueOf(e.getMessage()));
    }
    note(journal, item.id());
    return new Result(item, "");
  }

  private static synchronized void note(Path journal, String id) {
    try {
      Files.writeString(journal, id + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void sort(List<Map<String, String>> rows, Map<String, Item> products, Map<String, Item> devices) {
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      int number = i + 1;
      if (!FIELDS.containsAll(row.keySet())) {
        var unknown = new ArrayList<>(row.keySet());
        unknown.removeAll(FIELDS);
        throw new IllegalArgumentException("row " + number + ": " + unknown + " (expected: some of " + FIELDS + ")");
      }
      var key = row.getOrDefault("ProductKey", "");
      if (!row.getOrDefault("ProductName", "").isEmpty()) {
        products.putIfAbsent(key,
            new Item(number, "product " + key, "ImportProduct", parameters(row, OF_PRODUCT)));
      }
      var name = row.getOrDefault("DeviceName", "");
      if (!name.isEmpty()) {
        devices.putIfAbsent(key + "/" + name,
            new Item(number, "device " + key + "/" + name, "ImportDevice", parameters(row, OF_DEVICE)));
      }
    }
  }

  private static Map<String, String> parameters(Map<String, String> row, List<String> fields) {
    var parameters = new LinkedHashMap<String, String>();
    for (var field : fields) {
      var value = row.getOrDefault(field, "");
      if (!value.isEmpty()) {
        parameters.put(field, value);
      }
    }
    return parameters;
  }

  private static List<Map<String, String>> rows(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("file: " + file + " (expected: a CSV or JSON file)");
    }
    try {
      if (file.toString().endsWith(".json")) {
        return Wire.JSON.readValue(file, new TypeReference<List<Map<String, String>>>() {});
      }
      try (var rows = new CsvMapper().readerFor(new TypeReference<Map<String, String>>() {})
          .with(CsvSchema.emptySchema().withHeader()).<Map<String, String>>readValues(file)) {
        return rows.readAll();
      }
    } catch (JacksonException e) {
      // Its text may quote the file, and so secrets: only where it is.
      throw new IllegalArgumentException("file: " + file + " at " + e.getLocation() + ": not readable (expected: CSV"
          + " with a header, or a JSON array of objects with texts)");
    }
  }
}
