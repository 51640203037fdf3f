// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.contracts.ErrorCode;
import dev.otaverify.contracts.query.JobView;
import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Answers what is known of a job. */
final class QueryOtaJob implements Query {
  private final Views views;
  private final OperationSettings settings;

  QueryOtaJob(Views views, OperationSettings settings) {
    this.views = views;
    this.settings = settings;
  }

  @Override
  public String action() {
    return "QueryOTAJob";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(Common.JOB_ID);
  }

  @Override
  public List<ErrorCode> codes() {
    return List.of(ErrorCode.JOB_NOT_FOUND);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return views.job(arguments.get(Common.JOB_ID), caller).map(view -> new Fields().with("Data", job(view)));
  }

  private Fields job(JobView view) {
    return new Fields().with("JobId", view.jobId()).with("JobType", settings.verifyJobType())
        .with("JobStatus", view.status()).with("FirmwareId", view.firmwareId()).with("ProductKey", view.productKey())
        .with("DestVersion", view.destVersion()).with("SelectionType", "STATIC").with("TargetSelection", "SPECIFIC")
        .withWrapped("SrcVersions", "SrcVersion", List.of()).with("DownloadProtocol", "HTTPS")
        .with("NeedPush", view.needPush()).with("NeedConfirm", view.needConfirm())
        .with("TimeoutInMinutes", settings.minutes(view.timeout()))
        .withWrapped("Tags", "OtaTagDTO", Common.tagFields(view.tags())).with("UtcCreate", view.createdAt())
        // A verification starts when it is created.
        .with("UtcStartTime", view.createdAt()).with("UtcEndTime", view.endedAt())
        .with("UtcModified", view.modifiedAt());
  }
}
