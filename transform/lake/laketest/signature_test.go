package laketest

import (
	"net/http"
	"strings"
	"testing"
)

// Amazon's published test suite of Signature Version 4 (aws-sig-v4-test-suite): its key,
// instant, region and service, and the signatures that it gives.
func TestSignaturesAreThoseOfAmazonsTestSuite(t *testing.T) {
	for name, one := range map[string]struct{ query, signature string }{
		"get-vanilla":                      {"", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		"get-vanilla-query-order-key-case": {"?Param2=value2&Param1=value1", "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
	} {
		t.Run(name, func(t *testing.T) {
			call, err := http.NewRequest(http.MethodGet, "https://example.amazonaws.com/"+one.query, strings.NewReader(""))
			if err != nil {
				t.Fatal(err)
			}
			call.Header.Set("X-Amz-Date", "20150830T123600Z")
			call.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature="+one.signature)
			const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
			if err := checkSignature(call, "AKIDEXAMPLE", secret, "service", "us-east-1"); err != nil {
				t.Error(err)
			}
			if err := checkSignature(call, "AKIDEXAMPLE", secret+"x", "service", "us-east-1"); err == nil {
				t.Error("another secret is let in")
			}
		})
	}
}
