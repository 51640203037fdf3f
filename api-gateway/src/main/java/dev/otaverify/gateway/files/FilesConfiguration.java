// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway.files;

import static org.springframework.web.reactive.function.server.RequestPredicates.POST;
import static org.springframework.web.reactive.function.server.RequestPredicates.methods;
import static org.springframework.web.reactive.function.server.RequestPredicates.path;

import dev.otaverify.kit.DownloadLinks;
import io.r2dbc.spi.ConnectionFactory;
import java.io.IOException;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.r2dbc.core.DatabaseClient;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** The store and the ways to it. */
@Configuration(proxyBeanMethods = false)
class FilesConfiguration {
  @Bean
  Spool spool(FilesProperties properties, Clock clock) throws IOException {
    var spool = new Spool(properties.directory().resolve("incoming"));
    spool.removeAbandoned(clock.instant());
    return spool;
  }

  @Bean
  FileStore fileStore(FilesProperties properties, Clock clock) throws IOException {
    var s3 = properties.s3();
    if (s3 == null) {
      return new DirectoryStore(properties.directory(), clock);
    }
    var store = new S3Store(s3, clock);
    store.check();
    return store;
  }

  @Bean
  UploadForms uploadForms(FilesProperties properties, Clock clock) {
    return new UploadForms(properties, clock);
  }

  @Bean
  UnusedFiles unusedFiles(ConnectionFactory database) {
    return new UnusedFiles(DatabaseClient.create(database));
  }

  @Bean
  StoredFirmwareFiles firmwareFiles(UploadForms forms, FileStore store, UnusedFiles unused) {
    return new StoredFirmwareFiles(forms, store, unused);
  }

  @Bean
  CleanUpTimer cleanUpTimer(Spool spool, FileStore store, UnusedFiles unused, FilesInUse inUse,
      FilesProperties properties, Clock clock) {
    return new CleanUpTimer(
        new CleanUp(spool, store, unused, inUse, properties.orphanAge(), properties.orphanGrace(), clock),
        properties.cleanUpInterval());
  }

  @Bean
  RouterFunction<ServerResponse> fileRoutes(UploadForms forms, Spool spool, FileStore store,
      FilesProperties properties, Clock clock) {
    var upload = new UploadHandler(forms, spool, store);
    var download = new DownloadHandler(store, new DownloadLinks(properties.signingKey()), clock);
    var routes = routes("", upload, download);
    var prefix = properties.base().path();
    // A proxy in front may take its path away before it passes a request on, or leave it.
    return prefix.isEmpty() ? routes : routes.and(routes(prefix, upload, download));
  }

  private static RouterFunction<ServerResponse> routes(String prefix, UploadHandler upload,
      DownloadHandler download) {
    return RouterFunctions.route(POST(prefix + "/upload"), upload::handle)
        .andRoute(path(prefix + "/d/{key}").and(methods(HttpMethod.GET, HttpMethod.HEAD)), download::handle);
  }
}
