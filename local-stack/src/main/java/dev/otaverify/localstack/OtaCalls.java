// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import tools.jackson.databind.JsonNode;

/** The calls that a verification takes, as any client makes them. More than a few at a time wait here for their turn. */
final class OtaCalls {
  static final int VERIFIED = 1;
  static final int VERIFYING = 2;
  static final int FAILED = 3;
  private static final int AT_A_TIME = 16;

  private final ApiClient api;
  private final Semaphore turns = new Semaphore(AT_A_TIME);

  OtaCalls(ApiClient api) {
    this.api = api;
  }

  /** A file that may be the one of many firmware. */
  record UploadedFile(String url, int size, String md5) {}

  String createProduct(String name) {
    return call("CreateProduct", Map.of("ProductName", name, "NodeType", "0", "DataFormat", "1")).path("ProductKey")
        .asString();
  }

  UploadedFile upload(byte[] file) {
    var form = call("GenerateOTAUploadURL", Map.of("FileSuffix", "bin")).path("Data");
    api.upload(form, file);
    return new UploadedFile(form.path("FirmwareUrl").asString(), file.length, md5(file));
  }

  /** Gives its id. */
  String createFirmware(String productKey, String name, String version, UploadedFile file) {
    return call("CreateOTAFirmware",
        Map.of("ProductKey", productKey, "FirmwareName", name, "DestVersion", version, "FirmwareUrl", file.url(),
            "FirmwareSize", Integer.toString(file.size()), "SignMethod", "MD5", "FirmwareSign", file.md5()))
        .path("Data").path("FirmwareId").asString();
  }

  /** Gives the id of the job. */
  String createVerifyJob(String productKey, String firmwareId, Iterable<String> devices, int timeoutInMinutes) {
    var parameters = new LinkedHashMap<>(Map.of("ProductKey", productKey, "FirmwareId", firmwareId,
        "TimeoutInMinutes", Integer.toString(timeoutInMinutes)));
    int number = 1;
    for (var name : devices) {
      parameters.put("TargetDeviceName." + number++, name);
    }
    return call("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();
  }

  JsonNode firmware(String firmwareId) {
    return call("QueryOTAFirmware", Map.of("FirmwareId", firmwareId)).path("FirmwareInfo");
  }

  List<JsonNode> tasks(String jobId) {
    var tasks = new ArrayList<JsonNode>();
    call("ListOTATaskByJob", Map.of("JobId", jobId, "CurrentPage", "1", "PageSize", "10")).path("Data")
        .path("SimpleOTATaskInfo").forEach(tasks::add);
    return tasks;
  }

  /** See {@link ApiClient#call}. */
  JsonNode call(String action, Map<String, String> parameters) {
    turns.acquireUninterruptibly();
    try {
      return api.call(action, parameters);
    } finally {
      turns.release();
    }
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("MD5: missing (expected: in every Java)", impossible);
    }
  }
}
