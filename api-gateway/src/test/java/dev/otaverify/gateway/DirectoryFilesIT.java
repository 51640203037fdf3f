// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Files in a directory. */
class DirectoryFilesIT extends FilesContract {
  @Override
  List<String> settings() {
    return List.of();
  }

  @Override
  List<String> kept() throws IOException {
    try (var files = Files.list(directory.resolve("files"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
