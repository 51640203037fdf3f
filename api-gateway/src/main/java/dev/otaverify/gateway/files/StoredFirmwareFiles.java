// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import dev.otaverify.gateway.api.GatewayException;
import dev.otaverify.gateway.auth.Caller;
import dev.otaverify.gateway.files.FileStore.StoreUnavailableException;
import dev.otaverify.gateway.operation.FirmwareFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** The files as the operations see them. */
final class StoredFirmwareFiles implements FirmwareFiles {
  private static final Logger LOG = LoggerFactory.getLogger(StoredFirmwareFiles.class);

  private final UploadForms forms;
  private final FileStore store;
  private final UnusedFiles unused;

  StoredFirmwareFiles(UploadForms forms, FileStore store, UnusedFiles unused) {
    this.forms = forms;
    this.store = store;
    this.unused = unused;
  }

  @Override
  public UploadForm uploadForm(String suffix, Caller caller) {
    return forms.issue(suffix, caller);
  }

  @Override
  public boolean isElsewhere(String firmwareUrl) {
    return forms.isElsewhere(firmwareUrl);
  }

  @Override
  public Mono<UploadedFile> find(String firmwareUrl, Caller caller) {
    return Mono.justOrEmpty(forms.keyOf(firmwareUrl))
        .flatMap(store::find)
        // Another account's file is as good as none.
        .filter(file -> file.account().equals(caller.account()))
        // Last, so that as little time as can be passes until the command is on its way: the clean-up reckons with it.
        .filterWhen(file -> unused.isMarked(file.key()).map(marked -> !marked).onErrorMap(error -> {
          LOG.atWarn().log("Unused files cannot be read: {}", error.toString());
          return GatewayException.unavailable("The database of files");
        }))
        .map(file -> new UploadedFile(file.key(), file.size(), file.md5(), file.sha256()))
        .onErrorMap(StoreUnavailableException.class, error -> {
          LOG.atWarn().log("A file could not be looked up: {}", error.getMessage());
          return GatewayException.unavailable("The storage of files");
        });
  }
}
