# SPDX-License-Identifier: Apache-2.0
# Builds everything once; each image takes what it needs. Needs nothing but Docker, with or without BuildKit (without, all
# stages before the wanted one are built, so the one that needs arguments is last).
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn -q -B -Dmaven.test.skip=true -DincludeScope=runtime -DoutputDirectory=target/lib \
      -pl api-gateway,job-service,device-dispatcher,status-aggregator,mqtt-broker -am \
      package dependency:copy-dependencies

# The public broker with our extension, and without the one that lets everybody in.
FROM hivemq/hivemq-ce:2025.5 AS mqtt-broker
COPY --from=build /src/mqtt-broker/target/ota-extension/ /opt/hivemq/extensions/ota-extension/

# One of the four services: MODULE is its directory, MAIN_CLASS what it runs.
FROM eclipse-temurin:25-jre AS service
ARG MODULE
ARG MAIN_CLASS
ENV MAIN_CLASS=${MAIN_CLASS} JAVA_OPTS="-XX:MaxRAMPercentage=60 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED"
COPY --from=build /src/${MODULE}/target/lib/ /app/lib/
COPY --from=build /src/${MODULE}/target/${MODULE}-*.jar /app/lib/
COPY deploy/healthy deploy/keys /app/
RUN mkdir -p /var/lib/ota/files && chown -R 10001:10001 /var/lib/ota
USER 10001:10001
ENTRYPOINT ["sh", "-c", "exec java $JAVA_OPTS -cp '/app/lib/*' $MAIN_CLASS"]
