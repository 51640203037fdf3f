// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/**
 * The codes that a business rule refuses with, as they stand in {@code Code} of an answer. Where the vendor documents
 * a name it is used; the vendor documents none for most of {@code iot.ota}, so those are ours.
 */
public enum ErrorCode {
  SYSTEM_EXCEPTION("iot.system.SystemException"),
  INSTANCE_NOT_FOUND("iot.system.InstanceNotFound"),
  INVALID_PARAMETER("iot.common.InvalidFormattedParameter"),
  INVALID_PAGE("iot.common.InvalidPageParams"),
  NONCE_USED("SignatureNonceUsed"),
  COMMAND_EXPIRED("iot.system.RequestExpired"),
  PRODUCT_NOT_FOUND("iot.prod.NotExistedProduct"),
  PRODUCT_NAME_TAKEN("iot.prod.AlreadyExistedProductName"),
  INVALID_PRODUCT_NAME("iot.prod.InvalidFormattedProductName"),
  INVALID_NODE_TYPE("iot.prod.InvalidNodeType"),
  DEVICE_NOT_FOUND("iot.device.NotExistedDevice"),
  DEVICE_NAME_TAKEN("iot.device.AlreadyExistedDeviceName"),
  INVALID_DEVICE_NAME("iot.device.InvalidFormattedDeviceName"),
  NO_DEVICES("iot.device.NoneDeviceNameElement"),
  FIRMWARE_NOT_FOUND("iot.ota.FirmwareNotFound"),
  FIRMWARE_NAME_TAKEN("iot.ota.DuplicatedFirmwareName"),
  FIRMWARE_FILE_NOT_FOUND("iot.ota.FirmwareFileNotFound"),
  FIRMWARE_SIZE_MISMATCH("iot.ota.FirmwareSizeMismatch"),
  FIRMWARE_SIGN_MISMATCH("iot.ota.FirmwareSignMismatch"),
  FIRMWARE_PRODUCT_MISMATCH("iot.ota.FirmwareProductMismatch"),
  FIRMWARE_IS_VERIFYING("iot.ota.FirmwareIsVerifying"),
  FIRMWARE_ALREADY_VERIFIED("iot.ota.FirmwareAlreadyVerified"),
  FIRMWARE_NEEDS_NO_VERIFICATION("iot.ota.FirmwareNeedsNoVerification"),
  TOO_MANY_DEVICES("iot.ota.TooManyVerifyDevices"),
  DUPLICATED_DEVICE_NAME("iot.ota.DuplicatedDeviceName"),
  INVALID_TIMEOUT("iot.ota.InvalidTimeout"),
  INVALID_TAG("iot.ota.InvalidTag"),
  DOWNLOAD_PROTOCOL_NOT_SUPPORTED("iot.ota.DownloadProtocolNotSupported"),
  JOB_NOT_FOUND("iot.ota.JobNotFound"),
  PRODUCT_KEY_TAKEN("iot.prod.AlreadyExistedProductKey"),
  INVALID_PRODUCT_KEY("iot.prod.InvalidFormattedProductkey"),
  PRODUCT_NOT_EMPTY("iot.prod.ProductNotEmpty"),
  DEVICE_HAS_OPEN_TASK("iot.device.DeviceHasOpenTask"),
  INVALID_IOT_ID("iot.device.InvalidIoTId"),
  SECRET_NOT_FOUND("iot.system.ImportSecretNotFound"),
  MODULE_NOT_FOUND("iot.ota.ModuleNotFound"),
  MODULE_NAME_TAKEN("iot.ota.DuplicatedModuleName"),
  TOO_MANY_MODULES("iot.ota.TooManyModules"),
  MODULE_IN_USE("iot.ota.ModuleInUse"),
  TASK_NOT_FOUND("iot.ota.TaskNotFound"),
  TASK_NEEDS_NO_CONFIRMATION("iot.ota.TaskNeedsNoConfirmation"),
  NO_OPEN_TASK("iot.ota.NoOpenTask"),
  FIRMWARE_NOT_VERIFIED("iot.ota.FirmwareNotVerified"),
  WEBHOOK_NOT_FOUND("iot.ota.WebhookNotFound"),
  WEBHOOK_DELIVERY_NOT_FOUND("iot.ota.WebhookDeliveryNotFound"),
  INVALID_WEBHOOK_URL("iot.ota.InvalidWebhookUrl"),
  TOO_MANY_WEBHOOKS("iot.ota.TooManyWebhooks"),
  API_NOT_AVAILABLE("iot.common.APINotSupportedInInstance");

  private final String code;

  ErrorCode(String code) {
    this.code = code;
  }

  /** The wire form. */
  public String code() {
    return code;
  }
}
