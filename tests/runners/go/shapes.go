// Package shapes is compiled once, so that what tests need of Go's library is in the cache.
package shapes

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// Area says the area of a rectangle in words.
func Area(width, height int) (string, error) {
	if width < 0 || height < 0 {
		return "", errors.New("negative")
	}
	return strings.TrimSpace(fmt.Sprintf(" %s %d", reflect.TypeOf(width), width*height)), nil
}
