import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ipOf, ipText, isHostName, isIn, networkOf } from "../../../provider/hba/address";

const inside = (address: string, ip: string, netmask?: string) => {
  const [network, one] = [networkOf(address, netmask), ipOf(ip)];
  assert.ok(network && one, `${address} ${ip}`);
  return isIn(network, one);
};

describe("networks", () => {
  const table: [address: string, netmask: string | undefined, ip: string, is: boolean][] = [
    ["10.0.0.0/8", undefined, "10.255.0.1", true],
    ["10.0.0.0/8", undefined, "11.0.0.0", false],
    ["10.0.0.0", "255.0.0.0", "10.1.2.3", true],
    ["10.0.0.0", "255.0.0.255", "10.1.2.3", false],
    ["0.0.0.0/0", undefined, "255.255.255.255", true],
    ["192.168.1.7/32", undefined, "192.168.1.7", true],
    ["192.168.1.7/32", undefined, "192.168.1.6", false],
    ["::1/128", undefined, "0:0:0:0:0:0:0:1", true],
    ["fe80::/10", undefined, "febf::1", true],
    ["fe80::/10", undefined, "fec0::1", false],
    ["2001:db8::", "ffff:ffff::", "2001:db8:1::", true],
    ["::/0", undefined, "10.0.0.1", false],
    ["::ffff:10.0.0.0/104", undefined, "::ffff:10.9.9.9", true],
  ];
  for (const [address, netmask, ip, is] of table) {
    it(`${ip} is ${is ? "" : "not "}in ${address} ${netmask ?? ""}`, () => {
      assert.equal(inside(address, ip, netmask), is);
    });
  }

  for (const none of ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "10.0.0.0/", "10.0.0.0/8/8", "::1/129", "x/8", "/8"]) {
    it(`${JSON.stringify(none)} is none`, () => assert.equal(networkOf(none), undefined));
  }

  it("a mask goes with an address of its kind, without a length", () => {
    assert.equal(networkOf("10.0.0.0", "ffff::"), undefined);
    assert.equal(networkOf("10.0.0.0/8", "255.0.0.0"), undefined);
    assert.equal(networkOf("10.0.0.0", "x"), undefined);
  });
});

describe("addresses", () => {
  it("are written as they are commonly written, and read back", () => {
    for (const text of ["0.0.0.0", "10.1.2.255", "::", "::1", "1::", "fe80::1:0:0:1", "1:2:3:4:5:6:7:8"]) {
      const ip = ipOf(text);
      assert.ok(ip, text);
      assert.equal(ipText(ip), text);
    }
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const ip = ipOf(text);
        assert.ok(ip, text);
        assert.deepEqual(ipOf(ipText(ip)), ip);
      }),
    );
  });

  for (const none of ["", "10.1", "256.0.0.1", "fe80::1%eth0", "all", "1:2", "::1::"]) {
    it(`${JSON.stringify(none)} is none`, () => assert.equal(ipOf(none), undefined));
  }
});

describe("host names", () => {
  for (const name of ["db", "db.example.com", ".example.com", "a-b", "x_y.z", "1a.example", "db."]) {
    it(name, () => assert.equal(isHostName(name), true));
  }
  // The system's resolver reads the numbers among these as addresses of its own kind.
  for (const none of ["", ".", "-a", "a b", "10.1", "127", "0x7f.1", "a/8", 'a"b', "a,b", "a#b", "é.example", "a..-"]) {
    it(`not ${JSON.stringify(none)}`, () => assert.equal(isHostName(none), false));
  }
});
