// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.TaskId;
import dev.otaverify.gateway.api.RefusedException;

/** What does not exist, or not for the caller, which is the same. */
public final class NotFound {
  private NotFound() {}

  /** There is no such firmware. */
  public static RefusedException firmware(FirmwareId id) {
    return new RefusedException(ErrorCode.FIRMWARE_NOT_FOUND,
        "FirmwareId: " + id + " (expected: the id of a firmware). The specified firmware does not exist.");
  }

  /** There is no such product. */
  public static RefusedException product(ProductKey key) {
    return new RefusedException(ErrorCode.PRODUCT_NOT_FOUND,
        "ProductKey: " + key + " (expected: the key of a product). The specified product does not exist.");
  }

  /**
   * There is no such device.
   *
   * @param named the parameter that names it, with its value
   */
  public static RefusedException device(String named) {
    return new RefusedException(ErrorCode.DEVICE_NOT_FOUND,
        named + " (expected: that of a device). The specified device does not exist.");
  }

  /** There is no such job. */
  public static RefusedException job(JobId id) {
    return new RefusedException(ErrorCode.JOB_NOT_FOUND,
        "JobId: " + id + " (expected: the id of a job). The specified job does not exist.");
  }

  /** There is no such task. */
  public static RefusedException task(TaskId id) {
    return new RefusedException(ErrorCode.TASK_NOT_FOUND,
        "TaskId: " + id + " (expected: the id of a task). The specified task does not exist.");
  }

  /** There is no such webhook. */
  public static RefusedException webhook(WebhookId id) {
    return new RefusedException(ErrorCode.WEBHOOK_NOT_FOUND,
        "WebhookId: " + id + " (expected: the id of a webhook). The specified webhook does not exist.");
  }

  /** There is no such delivery. */
  public static RefusedException delivery(String eventId) {
    return new RefusedException(ErrorCode.WEBHOOK_DELIVERY_NOT_FOUND, "EventId: " + eventId
        + " (expected: the id of an event in the log of the webhook). The specified delivery does not exist.");
  }
}
