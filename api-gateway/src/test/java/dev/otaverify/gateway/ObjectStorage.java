// SPDX-License-Identifier: Apache-2.0
package dev.otaverify.gateway;

import java.net.URI;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.blobstore.ForwardingBlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Object storage with one bucket, in memory: a real server of the S3 protocol that checks signatures. */
public final class ObjectStorage {
  public static final String BUCKET = "firmware";
  public static final String ACCESS_KEY = "storage-key";
  public static final String SECRET = "storage-secret";

  /** How often an object was read. */
  public final AtomicInteger reads = new AtomicInteger();
  private final BlobStore store = new TransientNio2BlobStore();
  private final S3Proxy server;

  public ObjectStorage() throws Exception {
    store.createContainer(CreateBucketRequest.builder().bucket(BUCKET).build());
    server = S3Proxy.builder().blobStore(new Counting(store)).endpoint(URI.create("http://127.0.0.1:0"))
        .awsAuthentication(AuthenticationType.AWS_V4, ACCESS_KEY, SECRET).build();
    server.start();
  }

  private final class Counting extends ForwardingBlobStore {
    Counting(BlobStore store) {
      super(store);
    }

    @Override
    public ResponseInputStream<GetObjectResponse> getBlob(GetObjectRequest request) {
      reads.incrementAndGet();
      return super.getBlob(request);
    }
  }

  /** Where it is. */
  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getPort());
  }

  /** What makes a gateway keep its files here. */
  List<String> settings() {
    return settings(BUCKET, SECRET);
  }

  /** The same, with another bucket or secret. */
  List<String> settings(String bucket, String secret) {
    return List.of("--ota.files.store=s3", "--ota.files.s3.bucket=" + bucket,
        "--ota.files.s3.endpoint=" + uri(), "--ota.files.s3.path-style=true",
        "--ota.files.s3.access-key=" + ACCESS_KEY, "--ota.files.s3.secret-key=" + secret,
        "--ota.files.s3.prefix=ota/test/");
  }

  /** The names of all objects. */
  Stream<String> names() {
    return store.list(ListObjectsV2Request.builder().bucket(BUCKET).build()).contents().stream().map(S3Object::key);
  }

  public void stop() throws Exception {
    server.stop();
  }
}
