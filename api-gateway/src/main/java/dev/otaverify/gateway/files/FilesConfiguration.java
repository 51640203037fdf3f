// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import static org.springframework.web.reactive.function.server.RequestPredicates.POST;
import static org.springframework.web.reactive.function.server.RequestPredicates.methods;
import static org.springframework.web.reactive.function.server.RequestPredicates.path;

import dev.otaverify.kit.DownloadLinks;
import java.io.IOException;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The store and the ways to it. */
@Configuration(proxyBeanMethods = false)
class FilesConfiguration {
  @Bean
  FileStore fileStore(FilesProperties properties, Clock clock) throws IOException {
    return new FileStore(properties.directory(), clock);
  }

  @Bean
  UploadForms uploadForms(FilesProperties properties, Clock clock) {
    return new UploadForms(properties, clock);
  }

  @Bean
  LocalFirmwareFiles firmwareFiles(UploadForms forms, FileStore store) {
    return new LocalFirmwareFiles(forms, store);
  }

  @Bean
  RouterFunction<ServerResponse> fileRoutes(UploadForms forms, FileStore store, FilesProperties properties,
      Clock clock) {
    var upload = new UploadHandler(forms, store);
    var download = new DownloadHandler(store, new DownloadLinks(properties.signingKey()), clock);
    return RouterFunctions.route(POST("/upload"), upload::handle)
        .andRoute(path("/d/{key}").and(methods(HttpMethod.GET, HttpMethod.HEAD)), download::handle);
  }
}
