// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.aliyuncs.DefaultAcsClient;
import com.aliyuncs.RpcAcsRequest;
import com.aliyuncs.exceptions.ClientException;
import com.aliyuncs.exceptions.ServerException;
import com.aliyuncs.http.FormatType;
import com.aliyuncs.iot.model.v20180120.CreateOTAVerifyJobRequest;
import com.aliyuncs.iot.model.v20180120.GenerateOTAUploadURLRequest;
import com.aliyuncs.iot.model.v20180120.QueryOTAFirmwareRequest;
import com.aliyuncs.iot.model.v20180120.QueryOTAJobRequest;
import com.aliyuncs.profile.DefaultProfile;
import dev.otaverify.contracts.AccountId;
import dev.otaverify.contracts.Command;
import dev.otaverify.contracts.CommandId;
import dev.otaverify.contracts.DeviceName;
import dev.otaverify.contracts.FirmwareFile;
import dev.otaverify.contracts.FirmwareId;
import dev.otaverify.contracts.FirmwareSpec;
import dev.otaverify.contracts.JobId;
import dev.otaverify.contracts.ModuleName;
import dev.otaverify.contracts.ProductKey;
import dev.otaverify.contracts.Tag;
import dev.otaverify.contracts.Wire;
import dev.otaverify.contracts.query.FirmwareStatus;
import dev.otaverify.contracts.query.FirmwareView;
import dev.otaverify.contracts.query.JobStatus;
import dev.otaverify.contracts.query.JobView;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vendor's own client, unchanged but for the address. */
class VendorClientIT {
  private static final CommandId COMMAND = CommandId.of("k", "n");
  private static final ProductKey PRODUCT = ProductKey.of(COMMAND);
  private static final FirmwareId FIRMWARE = FirmwareId.of(COMMAND);
  private static final JobId JOB = JobId.of(FIRMWARE, COMMAND);
  private static final Instant AT = Instant.parse("2026-11-23T14:38:59.123456Z");

  @TempDir
  static Path directory;
  private static RunningGateway gateway;

  @BeforeAll
  static void start() throws Exception {
    gateway = new RunningGateway(directory, "--ota.gateway.reply-timeout=2500ms",
        "--ota.gateway.transaction-limit=1s");
    var file = new FirmwareFile("k.bin", "http://files/k.bin", 4096, "0".repeat(32), "0".repeat(64),
        FirmwareFile.SignMethod.MD5);
    var spec = new FirmwareSpec(PRODUCT, ModuleName.DEFAULT, "fw", "2.0.0", null, FirmwareSpec.Type.FULL, file, true,
        "说明", null);
    gateway.aggregator.answers.put("/internal/queries/firmware/" + FIRMWARE, new HttpDouble.Given(200,
        Wire.JSON.writeValueAsString(new FirmwareView(FIRMWARE, spec, "thermostat", FirmwareStatus.VERIFIED, 100, AT,
            AT))));
    gateway.aggregator.answers.put("/internal/queries/jobs/" + JOB, new HttpDouble.Given(200,
        Wire.JSON.writeValueAsString(new JobView(JOB, FIRMWARE, PRODUCT, "2.0.0", JobStatus.COMPLETED,
            Duration.ofMinutes(30), true, false, List.of(new Tag("k.1", "v<1>")), AT, AT, AT))));
  }

  @AfterAll
  static void stop() {
    gateway.close();
  }

  @ParameterizedTest
  @EnumSource(value = FormatType.class, names = {"JSON", "XML"})
  void createsAVerification(FormatType format) throws Exception {
    var request = aimed(new CreateOTAVerifyJobRequest(), format);
    request.setFirmwareId(FIRMWARE.value());
    request.setProductKey(PRODUCT.value());
    request.setTargetDeviceNames(List.of("device-1", "device:2@a"));
    request.setTimeoutInMinutes(30);
    request.setNeedPush(true);
    var tag = new CreateOTAVerifyJobRequest.Tag();
    tag.setKey("k.1");
    tag.setValue("v/1+= ~*设备");
    request.setTags(List.of(tag));

    var response = client(SigningClient.SECRET).getAcsResponse(request);

    assertThat(response.getSuccess()).isTrue();
    assertThat(response.getData().getUtcCreate()).isEqualTo("2026-11-23T14:38:59.123Z");
    var job = new JobId(response.getData().getJobId());
    assertThat(gateway.jobService.received.getLast().command()).isEqualTo(new Command.CreateVerifyJob(
        new AccountId("acme"), FIRMWARE, job, PRODUCT,
        List.of(new DeviceName("device-1"), new DeviceName("device:2@a")),
        Duration.ofMinutes(30), true, false, List.of(new Tag("k.1", "v/1+= ~*设备"))));
  }

  @ParameterizedTest
  @EnumSource(value = FormatType.class, names = {"JSON", "XML"})
  void readsAFirmwareAndAJob(FormatType format) throws Exception {
    var firmwareRequest = aimed(new QueryOTAFirmwareRequest(), format);
    firmwareRequest.setFirmwareId(FIRMWARE.value());
    var jobRequest = aimed(new QueryOTAJobRequest(), format);
    jobRequest.setJobId(JOB.value());

    var firmware = client(SigningClient.SECRET).getAcsResponse(firmwareRequest).getFirmwareInfo();
    var job = client(SigningClient.SECRET).getAcsResponse(jobRequest).getData();

    assertThat(firmware.getStatus()).isEqualTo(1);
    assertThat(firmware.getVerifyProgress()).isEqualTo(100);
    assertThat(firmware.getFirmwareDesc()).isEqualTo("说明");
    assertThat(firmware.getMultiFiles()).isEmpty();
    assertThat(job.getJobStatus()).isEqualTo("COMPLETED");
    assertThat(job.getTimeoutInMinutes()).isEqualTo(30);
    assertThat(job.getTags()).hasSize(1);
    assertThat(job.getTags().getFirst().getValue()).isEqualTo("v<1>");
  }

  @Test
  void getsAFormToUploadWith() throws Exception {
    var request = aimed(new GenerateOTAUploadURLRequest(), FormatType.JSON);

    var data = client(SigningClient.SECRET).getAcsResponse(request).getData();

    assertThat(data.getHost()).isEqualTo(gateway.uri + "/upload");
    assertThat(data.getFirmwareUrl()).isEqualTo(gateway.uri + "/files/" + data.getKey());
    assertThat(data.getObjectStorage()).isEqualTo("OSS");
  }

  @Test
  void readsARefusalAnErrorAndAnUnknownOutcome() throws Exception {
    var tooLong = aimed(new CreateOTAVerifyJobRequest(), FormatType.JSON);
    tooLong.setFirmwareId(FIRMWARE.value());
    tooLong.setProductKey(PRODUCT.value());
    tooLong.setTargetDeviceNames(List.of("device-1"));
    tooLong.setTimeoutInMinutes(1441);
    var good = aimed(new CreateOTAVerifyJobRequest(), FormatType.JSON);
    good.setFirmwareId(FIRMWARE.value());
    good.setProductKey(PRODUCT.value());
    good.setTargetDeviceNames(List.of("device-1"));

    var query = aimed(new QueryOTAJobRequest(), FormatType.JSON);
    query.setJobId(JOB.value());

    var refused = client(SigningClient.SECRET).getAcsResponse(tooLong);

    assertThat(refused.getSuccess()).isFalse();
    assertThat(refused.getCode()).isEqualTo("iot.ota.InvalidTimeout");
    assertThat(refused.getErrorMessage()).isEqualTo("TimeoutInMinutes: 1441 (expected: a whole number from 1 to 1440)");
    assertThatThrownBy(() -> client("wrong-secret").getAcsResponse(query))
        .isInstanceOfSatisfying(ClientException.class,
            error -> assertThat(error.getErrCode()).isEqualTo("SDK.InvalidAccessKeySecret"));
    gateway.jobService.decide((command, context) -> null);
    assertThatThrownBy(() -> client(SigningClient.SECRET).getAcsResponse(good))
        .isInstanceOfSatisfying(ServerException.class,
            error -> assertThat(error.getErrCode()).isEqualTo("ServiceUnavailable.OutcomeUnknown"));
    gateway.jobService.decide(JobServiceDouble::accept);
  }

  private static DefaultAcsClient client(String secret) {
    return new DefaultAcsClient(DefaultProfile.getProfile("cn-shanghai", SigningClient.KEY_ID, secret));
  }

  private static <T extends RpcAcsRequest<?>> T aimed(T request, FormatType format) {
    request.setSysEndpoint("127.0.0.1:" + gateway.uri.getPort());
    request.setAcceptFormat(format);
    return request;
  }
}
