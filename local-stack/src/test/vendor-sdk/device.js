// SPDX-License-Identifier: Apache-2.0
// A device as its maker would write it with the vendor's SDK: reports its version, takes an upgrade, downloads the file,
// compares its digest, reports progress, restarts into the new version. One line to stdout for each step.
'use strict';

const crypto = require('crypto');
const http = require('http');
const iot = require('alibabacloud-iot-device-sdk');

const {PRODUCT_KEY, DEVICE_NAME, DEVICE_SECRET, BROKER_URL} = process.env;
const topic = (kind) => `/ota/device/${kind}/${PRODUCT_KEY}/${DEVICE_NAME}`;

let id = 0;
let version = '1.0.0';
let upgrading = false;

const device = iot.device({
  productKey: PRODUCT_KEY, deviceName: DEVICE_NAME, deviceSecret: DEVICE_SECRET, brokerUrl: BROKER_URL,
});
const publish = (kind, params) => device.publish(topic(kind), JSON.stringify({id: `${++id}`, params}));
const progress = (step, desc) => {
  console.log(`progress ${step}`);
  publish('progress', {step: `${step}`, desc});
};

device.on('connect', () => {
  console.log('connected');
  device.subscribe(topic('upgrade'));
  publish('inform', {version});
});
device.on('error', (error) => console.log(`error ${error}`));
device.on('message', (to, payload) => {
  if (to !== topic('upgrade')) {
    return;
  }
  const {data} = JSON.parse(payload.toString());
  if (!data || !data.url || upgrading) {
    return;
  }
  upgrading = true;
  console.log(`upgrade ${data.version} size ${data.size} ${data.signMethod}`);
  progress(10, 'downloading');
  http.get(data.url, (response) => {
    const digest = crypto.createHash({Md5: 'md5', SHA256: 'sha256'}[data.signMethod]);
    let size = 0;
    response.on('data', (chunk) => {
      size += chunk.length;
      digest.update(chunk);
    });
    response.on('end', () => {
      if (response.statusCode !== 200 || size !== data.size || digest.digest('hex') !== data.sign) {
        progress(-3, `status ${response.statusCode}, ${size} bytes`);
        return;
      }
      console.log(`downloaded ${size}`);
      progress(99, 'burning');
      version = data.version;
      publish('inform', {version});
      console.log(`informed ${version}`);
    });
  });
});
