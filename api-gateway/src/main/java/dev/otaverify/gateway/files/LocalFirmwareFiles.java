// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.operation.FirmwareFiles;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The files as the operations see them. */
final class LocalFirmwareFiles implements FirmwareFiles {
  private final UploadForms forms;
  private final FileStore store;

  LocalFirmwareFiles(UploadForms forms, FileStore store) {
    this.forms = forms;
    this.store = store;
  }

  @Override
  public UploadForm uploadForm(String suffix, Caller caller) {
    return forms.issue(suffix, caller);
  }

  @Override
  public Mono<UploadedFile> find(String firmwareUrl, Caller caller) {
    return Mono.justOrEmpty(forms.keyOf(firmwareUrl))
        .flatMap(key -> Mono.fromCallable(() -> store.find(key)).subscribeOn(Schedulers.boundedElastic()))
        .flatMap(Mono::justOrEmpty)
        // Another account's file is as good as none.
        .filter(file -> file.account().equals(caller.account()))
        .map(file -> new UploadedFile(file.key(), file.size(), file.md5(), file.sha256()));
  }
}
