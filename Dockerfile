# SPDX-License-Identifier: Apache-2.0
# Builds everything once; each image takes what it needs. Needs nothing but Docker, with or without BuildKit (without, all
# stages before the wanted one are built, so the one that needs arguments is last, and there are no cache mounts).

# Apart, so that layers are made anew only when what they are made of changes: what decides about dependencies, and sources.
FROM maven:3.9-eclipse-temurin-25 AS context
WORKDIR /context
COPY . src
RUN cp -r src poms && find poms -type f ! -name pom.xml -delete && rm -rf src/deploy

FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
ENV MODULES="api-gateway job-service device-dispatcher status-aggregator" \
    MAVEN="mvn -q -B -Psbom -Dmaven.test.skip=true package dependency:copy-dependencies -am \
      -DincludeScope=runtime -DoutputDirectory=target/lib \
      -pl api-gateway,job-service,device-dispatcher,status-aggregator,mqtt-broker"
# Without a source: fetches plugins and libraries, which a change of code then does not fetch again.
COPY --from=context /context/poms .
RUN $MAVEN
COPY --from=context /context/src .
RUN $MAVEN
COPY deploy/arrange /
RUN sh /arrange /out $MODULES

# The public broker with our extension, and without the one that lets everybody in.
FROM hivemq/hivemq-ce:2025.5 AS mqtt-broker
RUN rm -rf /opt/hivemq/extensions/hivemq-allow-all-extension
COPY deploy/hivemq.xml /opt/hivemq/conf/config.xml
COPY deploy/healthy-mqtt /opt/ota/healthy
COPY --from=build /src/mqtt-broker/target/ota-extension/ /opt/hivemq/extensions/ota-extension/

# One of the four services: MODULE is its directory, MAIN_CLASS what it runs.
FROM eclipse-temurin:25-jre AS service
# The same layer in all of them, and before what changes more often.
COPY --from=build /out/lib/ /app/lib/
COPY deploy/dlt deploy/healthy deploy/keys deploy/start deploy/train deploy/training.properties /app/
RUN mkdir -p /var/lib/ota/files && chown -R 10001:10001 /var/lib/ota
ARG MODULE
ARG MAIN_CLASS
ENV MAIN_CLASS=${MAIN_CLASS} \
    MALLOC_ARENA_MAX=2 \
    JAVA_OPTS="-Xms40m -XX:MaxRAMPercentage=50 -XX:+UseSerialGC -XX:TrimNativeHeapInterval=5000 -Xss512k -XX:+ExitOnOutOfMemoryError --enable-native-access=ALL-UNNAMED"
COPY --from=build /out/${MODULE}/ /app/
RUN sh /app/train
USER 10001:10001
ENTRYPOINT ["sh", "/app/start"]
