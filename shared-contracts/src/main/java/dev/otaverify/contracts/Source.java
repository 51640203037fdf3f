// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.contracts;

/** Who writes messages: the values of {@code ce_source}. */
public final class Source {
  public static final String API_GATEWAY = "/otaverify/api-gateway";
  public static final String JOB_SERVICE = "/otaverify/job-service";
  public static final String DEVICE_DISPATCHER = "/otaverify/device-dispatcher";
  public static final String STATUS_AGGREGATOR = "/otaverify/status-aggregator";
  public static final String MQTT_BROKER = "/otaverify/mqtt-broker";

  private Source() {}

  /** Whether what this source writes comes from outside: from clients or devices, who may send anything. */
  public static boolean isOutside(String source) {
    return switch (source) {
      case JOB_SERVICE, DEVICE_DISPATCHER, STATUS_AGGREGATOR -> false;
      default -> true;
    };
  }
}
