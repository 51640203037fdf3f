/** What the gateway asks other services over HTTP: views of status-aggregator, secrets of job-service. */
@NullMarked
package dev.otaverify.gateway.query;

import org.jspecify.annotations.NullMarked;
