// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.api.RefusedException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Parameters and parts of answers that several operations share. */
final class Common {
  /** An id that has not the form of one names nothing that exists, so it is refused as what does not exist. */
  static final Parameter<FirmwareId> FIRMWARE_ID = Parameter.of("FirmwareId", "the id of a firmware", FirmwareId::new)
      .refusedWith(ErrorCode.FIRMWARE_NOT_FOUND).required();
  static final Parameter<JobId> JOB_ID = Parameter.of("JobId", "the id of a job", JobId::new)
      .refusedWith(ErrorCode.JOB_NOT_FOUND).required();
  static final Parameter<ProductKey> PRODUCT_KEY = Parameter.of("ProductKey", "the key of a product", ProductKey::new)
      .refusedWith(ErrorCode.PRODUCT_NOT_FOUND).required();

  private static final int MAX_TAGS = 10;
  private static final int MAX_TAG_CHARACTERS = 4096;
  private static final String TAG = "Key of 1 to 30 letters, digits or dots and Value of 1 to 1024 characters";
  private static final ListParameter<Tag> TAG_LIST = ListParameter
      .ofObjects("Tag", TAG, ErrorCode.INVALID_TAG, Common::tag).sized(
          new ListParameter.Bounds(0, MAX_TAGS, ErrorCode.INVALID_TAG, ErrorCode.INVALID_TAG));

  /** {@code Tag.N.Key} and {@code Tag.N.Value}; {@link #checkTags} is for the rules across them. */
  static final Parameter<List<Tag>> TAGS = TAG_LIST;

  private Common() {}

  /** A device's name, by whatever name the parameter has. */
  static Parameter.Single<DeviceName> deviceName(String parameter) {
    return Parameter.of(parameter, "4 to 32 letters, digits or - _ @ . :", DeviceName::new)
        .refusedWith(ErrorCode.INVALID_DEVICE_NAME);
  }

  /** Refuses a key that is there twice, and tags that are too long together. */
  static List<Tag> checkTags(List<Tag> tags) {
    var keys = tags.stream().map(Tag::key).toList();
    if (Set.copyOf(keys).size() < keys.size()) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, "Tag.N.Key", keys.toString(), "no two the same");
    }
    int characters = tags.stream().mapToInt(tag -> tag.key().length() + tag.value().length()).sum();
    if (characters > MAX_TAG_CHARACTERS) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, "Tag", characters + " characters in all",
          MAX_TAG_CHARACTERS + " or fewer");
    }
    return tags;
  }

  /** The tags as answers carry them. */
  static List<Fields> tagFields(List<Tag> tags) {
    return tags.stream().map(tag -> new Fields().with("Key", tag.key()).with("Value", tag.value())).toList();
  }

  private static Tag tag(String name, Map<String, String> parts) {
    var key = parts.getOrDefault("Key", "");
    var value = parts.getOrDefault("Value", "");
    if (!Set.of("Key", "Value").containsAll(parts.keySet())) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, name, parts.keySet().toString(), TAG);
    }
    try {
      return new Tag(key, value);
    } catch (IllegalArgumentException e) {
      throw RefusedException.unexpected(ErrorCode.INVALID_TAG, name, "Key=" + key + " Value=" + value, TAG);
    }
  }
}
