// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.localstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.otaverify.simulator.Behaviour;
import dev.otaverify.simulator.SimulatedDevice;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * The vendor's clients against the running stack: every operation, what its user gets when it goes well and when it does
 * not, and each success read back through another operation.
 */
@ExtendWith(SharedStack.class)
class VendorSdksIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Settings settings;
  private static VendorSdk.Endpoint endpoint;

  @BeforeAll
  static void aStack(Settings shared) {
    settings = shared;
    endpoint = new VendorSdk.Endpoint(settings.address(Part.API_GATEWAY), settings.accessKeyId(),
        settings.accessKeySecret());
  }

  @ParameterizedTest
  @EnumSource
  void productsAndModules(VendorSdk sdk) {
    var client = new Calls(sdk);
    var name = "lamp_" + sdk.tag();
    var created = client.ok("CreateProduct", Map.of("ProductName", name, "NodeType", 0, "DataFormat", 1,
        "Description", "说明 <1>&\"x\"", "AliyunCommodityCode", "iothub_senior"));
    var product = created.path("ProductKey").asString();

    assertThat(product).matches("a1[0-9A-Za-z]{9}").isEqualTo(created.at("/Data/ProductKey").asString());
    var read = client.ok("QueryProduct", Map.of("ProductKey", product)).path("Data");
    assertThat(read.path("ProductName").asString()).isEqualTo(name);
    assertThat(read.path("Description").asString()).isEqualTo("说明 <1>&\"x\"");
    assertThat(read.path("DeviceCount").asInt()).isZero();
    assertThat(read.path("ProductSecret").asString()).isEqualTo(created.at("/Data/ProductSecret").asString());
    client.refused("iot.prod.AlreadyExistedProductName", "CreateProduct", Map.of("ProductName", name, "NodeType", 0));
    client.refused("iot.prod.NotExistedProduct", "QueryProduct", Map.of("ProductKey", "a1nosuchkey"));

    client.ok("UpdateProduct", Map.of("ProductKey", product, "ProductName", name + "_2", "Description", "other"));
    var listed = client.ok("QueryProductList", Map.of("CurrentPage", 1, "PageSize", 200)).path("Data").path("List");
    assertThat(listed.valueStream().filter(it -> it.path("ProductKey").asString().equals(product)))
        .singleElement().satisfies(it -> assertThat(it.path("ProductName").asString()).isEqualTo(name + "_2"));
    client.refused("iot.prod.NotExistedProduct", "UpdateProduct",
        Map.of("ProductKey", "a1nosuchkey", "ProductName", "other"));

    client.ok("CreateOTAModule",
        Map.of("ProductKey", product, "ModuleName", "modem", "AliasName", "Modem", "Desc", "LTE"));
    client.refused("iot.ota.DuplicatedModuleName", "CreateOTAModule",
        Map.of("ProductKey", product, "ModuleName", "modem"));
    client.ok("UpdateOTAModule", Map.of("ProductKey", product, "ModuleName", "modem", "AliasName", "Funk"));
    assertThat(modem(client, product)).singleElement().satisfies(it -> {
      assertThat(it.path("AliasName").asString()).isEqualTo("Funk");
      assertThat(it.path("Desc").asString()).isEqualTo("LTE");
    });
    client.refused("iot.ota.ModuleNotFound", "UpdateOTAModule",
        Map.of("ProductKey", product, "ModuleName", "none", "AliasName", "x"));
    client.ok("DeleteOTAModule", Map.of("ProductKey", product, "ModuleName", "modem"));
    assertThat(modem(client, product)).isEmpty();
    client.refused("iot.ota.ModuleNotFound", "DeleteOTAModule", Map.of("ProductKey", product, "ModuleName", "modem"));

    client.ok("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-1"));
    client.refused("iot.prod.ProductNotEmpty", "DeleteProduct", Map.of("ProductKey", product));
    client.ok("DeleteDevice", Map.of("ProductKey", product, "DeviceName", "device-1"));
    client.ok("DeleteProduct", Map.of("ProductKey", product));
    client.refused("iot.prod.NotExistedProduct", "QueryProduct", Map.of("ProductKey", product));
  }

  @ParameterizedTest
  @EnumSource
  void devices(VendorSdk sdk) {
    var client = new Calls(sdk);
    var product = client.product("kettle");
    var registered = client.ok("RegisterDevice",
        Map.of("ProductKey", product, "DeviceName", "dev:1@a", "Nickname", "Küche")).path("Data");
    var iotId = registered.path("IotId").asString();
    var byName = Map.of("ProductKey", product, "DeviceName", "dev:1@a");
    client.refused("iot.device.AlreadyExistedDeviceName", "RegisterDevice", byName);
    client.refused("iot.device.InvalidFormattedDeviceName", "RegisterDevice",
        Map.of("ProductKey", product, "DeviceName", "x"));
    var unnamed = client.ok("RegisterDevice", Map.of("ProductKey", product)).path("Data").path("DeviceName").asString();

    var listed = client.ok("QueryDevice", Map.of("ProductKey", product, "PageSize", 1, "CurrentPage", 1));
    assertThat(listed.path("Total").asInt()).isEqualTo(2);
    assertThat(listed.at("/Data/0/DeviceName").asString()).isEqualTo(unnamed);
    var info = client.ok("QueryDeviceInfo", Map.of("IotId", iotId)).path("Data");
    assertThat(info.path("DeviceSecret").asString()).isEqualTo(registered.path("DeviceSecret").asString());
    assertThat(info.path("Nickname").asString()).isEqualTo("Küche");
    assertThat(status(client, byName)).isEqualTo("UNACTIVE");
    client.refused("iot.device.NotExistedDevice", "GetDeviceStatus",
        Map.of("ProductKey", product, "DeviceName", "nobody"));
    client.refused("iot.device.NotExistedDevice", "QueryDeviceDetail",
        Map.of("ProductKey", product, "DeviceName", "nobody"));

    try (var device = SimulatedDevice.builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, "dev:1@a",
        registered.path("DeviceSecret").asString()).version("1.0.0").start()) {
      device.informed().orTimeout(30, TimeUnit.SECONDS).join();
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(client, byName)).isEqualTo("ONLINE"));
      await().atMost(PATIENCE).untilAsserted(() -> {
        var detail = client.ok("QueryDeviceDetail", byName).path("Data");
        assertThat(detail.path("FirmwareVersion").asString()).isEqualTo("1.0.0");
        assertThat(detail.path("IpAddress").asString()).isEqualTo("127.0.0.1");
        assertThat(detail.path("UtcOnline").asString()).isNotEmpty();
        assertThat(detail.path("Status").asString()).isEqualTo("ONLINE");
      });
      var versions = client.ok("ListOTAModuleVersionsByDevice",
          Map.of("ProductKey", product, "DeviceName", "dev:1@a", "CurrentPage", 1, "PageSize", 10)).path("Data");
      assertThat(versions).singleElement()
          .satisfies(it -> assertThat(it.path("ModuleVersion").asString()).isEqualTo("1.0.0"));
    }
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(status(client, byName)).isEqualTo("OFFLINE"));
    var states = client.ok("BatchGetDeviceState",
        Map.of("ProductKey", product, "DeviceName", List.of("dev:1@a", unnamed))).path("DeviceStatusList");
    assertThat(states.valueStream().map(it -> it.path("DeviceName").asString() + " " + it.path("Status").asString()))
        .containsExactlyInAnyOrder("dev:1@a OFFLINE", unnamed + " UNACTIVE");

    client.ok("DisableThing", Map.of("IotId", iotId));
    assertThat(status(client, byName)).isEqualTo("DISABLE");
    client.ok("EnableThing", byName);
    assertThat(status(client, byName)).isEqualTo("OFFLINE");
    client.refused("iot.device.NotExistedDevice", "DisableThing",
        Map.of("ProductKey", product, "DeviceName", "nobody"));
    client.refused("iot.device.NotExistedDevice", "EnableThing",
        Map.of("ProductKey", product, "DeviceName", "nobody"));

    client.ok("DeleteDevice", Map.of("IotId", iotId));
    client.refused("iot.device.NotExistedDevice", "QueryDeviceInfo", byName);
    client.refused("iot.device.NotExistedDevice", "DeleteDevice", byName);
    client.refused("iot.prod.NotExistedProduct", "QueryDevice", Map.of("ProductKey", "a1nosuchkey"));
  }

  @ParameterizedTest
  @EnumSource
  void firmware(VendorSdk sdk) {
    var client = new Calls(sdk);
    var product = client.product("boiler");
    client.ok("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-1"));
    var name = "boiler_" + sdk.tag();
    var firmware = client.firmware(product, name);

    var read = client.ok("QueryOTAFirmware", Map.of("FirmwareId", firmware)).path("FirmwareInfo");
    assertThat(read.path("FirmwareName").asString()).isEqualTo(name);
    assertThat(read.path("Status").asInt()).isZero();
    assertThat(read.path("FirmwareSize").asInt()).isEqualTo(3);
    assertThat(read.path("ProductName").asString()).startsWith("boiler");
    assertThat(read.path("Udi").asString()).isEqualTo("{\"k\":\"值\"}");
    var listed = client.ok("ListOTAFirmware",
        Map.of("ProductKey", product, "DestVersion", "2.0.0", "CurrentPage", 1, "PageSize", 10));
    assertThat(listed.path("Total").asInt()).isEqualTo(1);
    assertThat(listed.at("/FirmwareInfo/0/FirmwareId").asString()).isEqualTo(firmware);
    assertThat(client.ok("ListOTAFirmware",
        Map.of("ProductKey", product, "DestVersion", "2", "CurrentPage", 1, "PageSize", 10)).path("FirmwareInfo"))
        .isEmpty();
    client.refused("iot.common.InvalidPageParams", "ListOTAFirmware", Map.of("CurrentPage", 0, "PageSize", 10));
    client.refused("iot.ota.FirmwareNotFound", "QueryOTAFirmware", Map.of("FirmwareId", "none"));
    client.refused("iot.ota.DuplicatedFirmwareName", "CreateOTAFirmware", client.firmwareParameters(product, name));

    client.refused("iot.ota.FirmwareNotVerified", "CreateOTAStaticUpgradeJob", Map.of("ProductKey", product,
        "FirmwareId", firmware, "TargetSelection", "SPECIFIC", "TargetDeviceName", List.of("device-1")));
    client.refused("iot.ota.FirmwareNotVerified", "CreateOTADynamicUpgradeJob",
        Map.of("ProductKey", product, "FirmwareId", firmware));
    var free = new HashMap<String, Object>(client.firmwareParameters(product, name + "_free"));
    free.put("NeedToVerify", false);
    var unverified = client.ok("CreateOTAFirmware", free).path("Data").path("FirmwareId").asString();
    assertThat(client.ok("QueryOTAFirmware", Map.of("FirmwareId", unverified)).at("/FirmwareInfo/Status").asInt())
        .isEqualTo(-1);
    client.refused("iot.common.APINotSupportedInInstance", "CreateOTAStaticUpgradeJob", Map.of("ProductKey", product,
        "FirmwareId", unverified, "TargetSelection", "ALL"));
    client.refused("iot.common.APINotSupportedInInstance", "CreateOTADynamicUpgradeJob",
        Map.of("ProductKey", product, "FirmwareId", unverified));

    client.ok("DeleteOTAFirmware", Map.of("FirmwareId", firmware));
    client.refused("iot.ota.FirmwareNotFound", "QueryOTAFirmware", Map.of("FirmwareId", firmware));
    client.refused("iot.ota.FirmwareNotFound", "DeleteOTAFirmware", Map.of("FirmwareId", firmware));
    // The name is free again.
    client.firmware(product, name);
  }

  @ParameterizedTest
  @EnumSource
  void aVerificationThatIsConfirmed(VendorSdk sdk) throws Exception {
    var client = new Calls(sdk);
    var product = client.product("sensor");
    var devices = client.devices(product, 2);
    var firmware = client.firmware(product, "sensor_" + sdk.tag());
    var parameters = new LinkedHashMap<String, Object>(Map.of("ProductKey", product, "FirmwareId", firmware,
        "TargetDeviceName", List.copyOf(devices.keySet()), "TimeoutInMinutes", 60, "NeedPush", true, "NeedConfirm",
        true, "DownloadProtocol", "HTTPS", "Tag", List.of(Map.of("Key", "k.1", "Value", "v/1+= ~*设备"))));
    var job = client.ok("CreateOTAVerifyJob", parameters).path("Data").path("JobId").asString();

    client.refused("iot.ota.FirmwareIsVerifying", "CreateOTAVerifyJob", parameters);
    client.refused("iot.ota.FirmwareIsVerifying", "DeleteOTAFirmware", Map.of("FirmwareId", firmware));
    client.refused("iot.device.DeviceHasOpenTask", "DeleteDevice",
        Map.of("ProductKey", product, "DeviceName", "device-1"));
    parameters.put("DownloadProtocol", "MQTT");
    client.refused("iot.ota.DownloadProtocolNotSupported", "CreateOTAVerifyJob", parameters);
    var read = client.ok("QueryOTAJob", Map.of("JobId", job)).path("Data");
    assertThat(read.path("JobStatus").asString()).isEqualTo("IN_PROGRESS");
    assertThat(read.path("JobType").asString()).isEqualTo("VERFIY_FIRMWARE");
    assertThat(read.path("NeedConfirm").asBoolean()).isTrue();
    assertThat(read.at("/Tags/0/Value").asString()).isEqualTo("v/1+= ~*设备");
    var tasks = client.tasks(job);
    assertThat(tasks).extracting(it -> it.path("TaskStatus").asString()).containsOnly("CONFIRM");
    var unfinished = client.ok("ListOTAUnfinishedTaskByDevice",
        Map.of("ProductKey", product, "DeviceName", "device-1", "TaskStatus", "CONFIRM")).path("Data");
    assertThat(unfinished).singleElement()
        .satisfies(it -> assertThat(it.path("ModuleName").asString()).isEqualTo("default"));
    client.refused("iot.ota.TaskNotFound", "ConfirmOTATask", Map.of("TaskId", List.of("none")));

    var running = devices.entrySet().stream().map(it -> SimulatedDevice
        .builder("127.0.0.1", settings.port(Part.MQTT_BROKER), product, it.getKey(), it.getValue()).version("1.0.0")
        .behaviour(Behaviour.SUCCEED).start()).toList();
    try {
      client.ok("ConfirmOTATask", Map.of("TaskId", tasks.stream().map(it -> it.path("TaskId").asString()).toList()));
      assertThat(client.tasks(job)).extracting(it -> it.path("TaskStatus").asString()).doesNotContain("CONFIRM");
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(
          client.ok("QueryOTAFirmware", Map.of("FirmwareId", firmware)).at("/FirmwareInfo/Status").asInt())
          .isEqualTo(1));
    } finally {
      running.forEach(SimulatedDevice::close);
    }

    assertThat(client.tasks(job)).allSatisfy(it -> {
      assertThat(it.path("TaskStatus").asString()).isEqualTo("SUCCEEDED");
      assertThat(it.path("Progress").asString()).isEqualTo("100.00");
      assertThat(it.path("SrcVersion").asString()).isEqualTo("1.0.0");
    });
    assertThat(client.ok("QueryOTAJob", Map.of("JobId", job)).at("/Data/JobStatus").asString()).isEqualTo("COMPLETED");
    assertThat(client.ok("ListOTAJobByFirmware", Map.of("FirmwareId", firmware, "CurrentPage", 1, "PageSize", 10))
        .path("Data")).singleElement().satisfies(it -> assertThat(it.path("JobId").asString()).isEqualTo(job));
    assertThat(client.ok("ListOTAJobByDevice", Map.of("FirmwareId", firmware, "ProductKey", product, "DeviceName",
        "device-2", "CurrentPage", 1, "PageSize", 10)).path("Data")).singleElement()
        .satisfies(it -> assertThat(it.path("JobStatus").asString()).isEqualTo("COMPLETED"));
    client.refused("iot.ota.FirmwareAlreadyVerified", "CreateOTAVerifyJob",
        Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName", List.of("device-1")));
    client.refused("iot.common.APINotSupportedInInstance", "CreateOTAStaticUpgradeJob", Map.of("ProductKey", product,
        "FirmwareId", firmware, "TargetSelection", "ALL"));
    client.refused("iot.ota.JobNotFound", "QueryOTAJob", Map.of("JobId", "none"));
    client.refused("iot.ota.JobNotFound", "ListOTATaskByJob", Map.of("JobId", "none"));
    client.refused("iot.ota.FirmwareNotFound", "ListOTAJobByFirmware",
        Map.of("FirmwareId", "none", "CurrentPage", 1, "PageSize", 10));
  }

  @ParameterizedTest
  @EnumSource
  void aVerificationThatIsCancelled(VendorSdk sdk) {
    var client = new Calls(sdk);
    var product = client.product("valve");
    client.devices(product, 3);
    var firmware = client.firmware(product, "valve_" + sdk.tag());
    var job = client.ok("CreateOTAVerifyJob", Map.of("ProductKey", product, "FirmwareId", firmware, "TargetDeviceName",
        List.of("device-1", "device-2", "device-3"), "NeedPush", false)).path("Data").path("JobId").asString();

    client.ok("CancelOTATaskByDevice", Map.of("FirmwareId", firmware, "ProductKey", product, "JobId", job,
        "DeviceName", List.of("device-2")));
    assertThat(client.tasks(job)).extracting(it -> it.path("DeviceName").asString() + " "
        + it.path("TaskStatus").asString())
        .containsExactlyInAnyOrder("device-1 QUEUED", "device-2 CANCELED", "device-3 QUEUED");
    client.refused("iot.ota.NoOpenTask", "CancelOTATaskByDevice", Map.of("FirmwareId", firmware, "ProductKey", product,
        "DeviceName", List.of("device-2")));
    client.ok("CancelOTATaskByJob", Map.of("JobId", job, "CancelInProgressTask", true));
    assertThat(client.tasks(job).stream().filter(it -> it.path("TaskStatus").asString().equals("QUEUED"))).hasSize(2);
    client.ok("CancelOTATaskByJob", Map.of("JobId", job, "CancelQueuedTask", true));
    assertThat(client.tasks(job)).extracting(it -> it.path("TaskStatus").asString()).containsOnly("CANCELED");
    client.refused("iot.ota.JobNotFound", "CancelOTATaskByJob", Map.of("JobId", "none", "CancelQueuedTask", true));

    await().atMost(PATIENCE).untilAsserted(() -> {
      assertThat(client.ok("QueryOTAJob", Map.of("JobId", job)).at("/Data/JobStatus").asString())
          .isEqualTo("CANCELED");
      assertThat(client.ok("QueryOTAFirmware", Map.of("FirmwareId", firmware)).at("/FirmwareInfo/Status").asInt())
          .isEqualTo(3);
    });
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotTakenIsThrown(VendorSdk sdk) {
    var wrong = new VendorSdk.Endpoint(endpoint.address(), endpoint.accessKeyId(), "wrong-secret");
    var unknown = new VendorSdk.Endpoint(endpoint.address(), "nobody", "wrong-secret");
    var query = Map.of("FirmwareId", "none");

    assertThatThrownBy(() -> sdk.call(wrong, "QueryOTAFirmware", query)).isInstanceOfSatisfying(
        VendorSdk.FailureException.class, failure -> assertThat(failure.code)
            // The classic client finds its own string in the message, and says it in its own way.
            .isIn("SignatureDoesNotMatch", "SDK.InvalidAccessKeySecret"));
    assertThatThrownBy(() -> sdk.call(unknown, "QueryOTAFirmware", query)).isInstanceOfSatisfying(
        VendorSdk.FailureException.class,
        failure -> assertThat(failure.code).isEqualTo("InvalidAccessKeyId.NotFound"));
    assertThatThrownBy(() -> sdk.call(endpoint, "QueryOTAFirmware", Map.of())).isInstanceOfSatisfying(
        VendorSdk.FailureException.class, failure -> assertThat(failure.code).isEqualTo("MissingFirmwareId"));
  }

  private static Stream<JsonNode> modem(Calls client, String product) {
    return client.ok("ListOTAModuleByProduct", Map.of("ProductKey", product)).path("Data").valueStream()
        .filter(it -> it.path("ModuleName").asString().equals("modem"));
  }

  private static String status(Calls client, Map<String, ?> device) {
    return client.ok("GetDeviceStatus", device).path("Data").path("Status").asString();
  }

  /** The calls of one client's user. */
  private record Calls(VendorSdk sdk) {

    JsonNode ok(String action, Map<String, ?> parameters) {
      var answer = sdk.call(endpoint, action, parameters);
      assertThat(answer.path("Success").asBoolean()).as("%s: %s", action, answer).isTrue();
      assertThat(answer.path("RequestId").asString()).isNotEmpty();
      assertThat(answer.path("Code").asString("")).isEmpty();
      return answer;
    }

    void refused(String code, String action, Map<String, ?> parameters) {
      var answer = sdk.call(endpoint, action, parameters);
      assertThat(answer.path("Success").asBoolean(true)).as("%s: %s", action, answer).isFalse();
      assertThat(answer.path("Code").asString()).isEqualTo(code);
      assertThat(answer.path("ErrorMessage").asString()).isNotEmpty();
    }

    String product(String name) {
      return ok("CreateProduct", Map.of("ProductName", name + "_" + sdk.tag(), "NodeType", 0)).path("ProductKey")
          .asString();
    }

    Map<String, String> devices(String product, int count) {
      var secrets = new LinkedHashMap<String, String>();
      for (int i = 1; i <= count; i++) {
        secrets.put("device-" + i, ok("RegisterDevice", Map.of("ProductKey", product, "DeviceName", "device-" + i))
            .path("Data").path("DeviceSecret").asString());
      }
      return secrets;
    }

    String firmware(String product, String name) {
      return ok("CreateOTAFirmware", firmwareParameters(product, name)).path("Data").path("FirmwareId").asString();
    }

    Map<String, Object> firmwareParameters(String product, String name) {
      var form = ok("GenerateOTAUploadURL", Map.of("FileSuffix", "bin")).path("Data");
      new ApiClient(URI.create(settings.url(Part.API_GATEWAY)), endpoint.accessKeyId(), endpoint.accessKeySecret())
          .upload(form, new byte[]{1, 2, 3});
      return Map.of("ProductKey", product, "FirmwareName", name, "DestVersion", "2.0.0", "FirmwareUrl",
          form.path("FirmwareUrl").asString(), "FirmwareSize", 3, "Udi", "{\"k\":\"值\"}");
    }

    List<JsonNode> tasks(String job) {
      return ok("ListOTATaskByJob", Map.of("JobId", job, "CurrentPage", 1, "PageSize", 100)).path("Data")
          .valueStream().toList();
    }
  }
}
