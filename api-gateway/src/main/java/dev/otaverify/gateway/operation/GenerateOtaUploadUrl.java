// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.operation;

import dev.otaverify.gateway.api.Fields;
import dev.otaverify.gateway.auth.Caller;
import java.util.List;
import reactor.core.publisher.Mono;

/** Gives out a form that one firmware file can be posted with. */
final class GenerateOtaUploadUrl implements Operation {
  private static final List<String> SUFFIXES = List.of("bin", "dav", "tar", "gz", "zip", "gzip", "apk", "tar.gz",
      "tar.xz", "pack");
  private static final Parameter<String> SUFFIX = Parameter
      .of("FileSuffix", "one of " + String.join(", ", SUFFIXES), text -> {
        var suffix = text.startsWith(".") ? text.substring(1) : text;
        Parameter.require(SUFFIXES.contains(suffix));
        return suffix;
      }).orElse("bin");

  private final FirmwareFiles files;

  GenerateOtaUploadUrl(FirmwareFiles files) {
    this.files = files;
  }

  @Override
  public String action() {
    return "GenerateOTAUploadURL";
  }

  @Override
  public List<Parameter<?>> parameters() {
    return List.of(SUFFIX);
  }

  @Override
  public Mono<Fields> call(Arguments arguments, Caller caller) {
    return Mono.fromSupplier(() -> {
      var form = files.uploadForm(arguments.get(SUFFIX), caller);
      return new Fields().with("Data",
          new Fields().with("Host", form.host()).with("Key", form.key()).with("OSSAccessKeyId", form.accessKeyId())
              .with("Policy", form.policy()).with("Signature", form.signature()).with("ObjectStorage", "OSS")
              .with("FirmwareUrl", form.firmwareUrl()).with("UtcCreate", form.issuedAt()));
    });
  }
}
