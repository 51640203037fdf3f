// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.kit.unit;

import dev.otaverify.contracts.Wire;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jpountz.lz4.LZ4CompressorWithLength;
import net.jpountz.lz4.LZ4DecompressorWithLength;
import net.jpountz.lz4.LZ4Factory;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * A unit's records as they wait in the position row, headers and all. The messages to the devices of a job differ in little but the device:
 * LZ4 leaves little of them, for less than PostgreSQL takes to compress or to write them.
 *
 * <pre>
 * 01, then LZ4 with its length of   count, then each: step, topic, partition or -1, key, headers (count, then name and value of each), value
 *                                   texts and bytes after their length, null is the length -1; all numbers of four bytes
 * </pre>
 *
 * Earlier versions stored JSON, which is read still: it begins with another byte.
 */
final class PendingOutput {
  private static final TypeReference<List<Stored>> RECORDS = new TypeReference<>() {};
  private static final byte BINARY = 1;
  private static final int NONE = -1;
  // Plain Java, without native code or Unsafe: it is fast enough.
  private static final LZ4CompressorWithLength COMPRESSOR = new LZ4CompressorWithLength(
      LZ4Factory.safeInstance().fastCompressor());
  private static final LZ4DecompressorWithLength DECOMPRESSOR = new LZ4DecompressorWithLength(
      LZ4Factory.safeInstance().safeDecompressor());

  private PendingOutput() {}

  /** The JSON of earlier versions. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Stored(Step step, String topic, @Nullable Integer partition, @Nullable String key,
      Map<String, String> headers, byte @Nullable [] value) {
    Outgoing outgoing() {
      return new Outgoing(step, topic, partition, key, headers, value);
    }
  }

  /** No bytes when there is nothing to publish. */
  static byte[] toBytes(List<Outgoing> records) {
    if (records.isEmpty()) {
      return new byte[0];
    }
    var plain = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(plain)) {
      out.writeInt(records.size());
      for (var one : records) {
        write(out, one.step().name());
        write(out, one.topic());
        out.writeInt(one.partition() == null ? NONE : one.partition());
        write(out, one.key());
        out.writeInt(one.headers().size());
        for (var header : one.headers().entrySet()) {
          write(out, header.getKey());
          write(out, header.getValue());
        }
        write(out, one.value());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    byte[] compressed = COMPRESSOR.compress(plain.toByteArray());
    byte[] bytes = new byte[compressed.length + 1];
    bytes[0] = BINARY;
    System.arraycopy(compressed, 0, bytes, 1, compressed.length);
    return bytes;
  }

  static List<Outgoing> ofBytes(byte @Nullable [] bytes) {
    if (bytes == null) {
      return List.of();
    }
    if (bytes[0] != BINARY) {
      return Wire.JSON.readValue(bytes, RECORDS).stream().map(Stored::outgoing).toList();
    }
    try (var in = new DataInputStream(new ByteArrayInputStream(DECOMPRESSOR.decompress(bytes, 1)))) {
      var records = new ArrayList<Outgoing>();
      for (int left = in.readInt(); left > 0; left--) {
        var step = Step.valueOf(present(in));
        var topic = present(in);
        int partition = in.readInt();
        var key = text(in);
        var headers = new HashMap<String, String>();
        for (int more = in.readInt(); more > 0; more--) {
          headers.put(present(in), present(in));
        }
        records.add(new Outgoing(step, topic, partition == NONE ? null : partition, key, headers, bytes(in)));
      }
      return records;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(DataOutputStream out, @Nullable String text) throws IOException {
    write(out, text == null ? null : text.getBytes(StandardCharsets.UTF_8));
  }

  private static void write(DataOutputStream out, byte @Nullable [] bytes) throws IOException {
    if (bytes == null) {
      out.writeInt(NONE);
    } else {
      out.writeInt(bytes.length);
      out.write(bytes);
    }
  }

  private static String present(DataInputStream in) throws IOException {
    return Objects.requireNonNull(text(in), "pending: a text");
  }

  private static @Nullable String text(DataInputStream in) throws IOException {
    byte[] bytes = bytes(in);
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  private static byte @Nullable [] bytes(DataInputStream in) throws IOException {
    int length = in.readInt();
    return length == NONE ? null : in.readNBytes(length);
  }
}
