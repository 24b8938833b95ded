package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	adminPrefix = "/_ivschat/v1/"
	// maximumAnswer is how many bytes of an answer are read.
	maximumAnswer = 256 << 20
)

// Admin calls the admin API. The path is relative to that of the API, and may have a query. The body is sent as
// JSON, unless it is nil, or is sent unchanged if it is an io.Reader. The answer is decoded into output, unless that
// is nil; an output that is an io.Writer gets it unchanged. A refusal is an *AdminError, and a *NoAdminError says
// that the server has no admin API.
func (s *Service) Admin(ctx context.Context, method, path string, body, output any) error {
	response, err := s.adminResponse(ctx, method, path, body, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch to, isWriter := output.(io.Writer); {
	case output == nil && response.StatusCode != http.StatusNoContent:
		return &NoAdminError{s.admin} // another server, which has not done it
	case output == nil:
		return nil
	case isWriter:
		return copyAnswer(to, response.Body)
	default:
		err = json.NewDecoder(io.LimitReader(response.Body, maximumAnswer)).Decode(output)
	}
	if err != nil {
		return fmt.Errorf("read the answer of %s%s%s: %w", s.admin, adminPrefix, path, err)
	}
	return nil
}

// copyAnswer copies the body of an answer, if it is not too long.
func copyAnswer(to io.Writer, body io.Reader) error {
	n, err := io.Copy(to, io.LimitReader(body, maximumAnswer+1))
	if err == nil && n > maximumAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maximumAnswer)
	}
	return err
}

// adminResponse sends a request to the admin API. The caller closes the body of the response, which is one of
// success.
func (s *Service) adminResponse(
	ctx context.Context, method, path string, body any, header http.Header,
) (*http.Response, error) {
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case io.Reader:
		reader = b
	default:
		text, err := json.Marshal(b)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.admin+adminPrefix+path, reader)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	response, err := s.http.Do(request)
	if err != nil {
		return nil, unreachable(ctx, s.admin, err)
	}
	if isAdminAnswer(response) {
		return response, nil
	}
	defer response.Body.Close()
	if response.StatusCode/100 == 2 {
		return nil, &NoAdminError{s.admin}
	}
	return nil, s.adminRefusal(response)
}

// isAdminAnswer reports whether an answer can be one of success of the admin API. Many other servers answer every
// request with a page.
func isAdminAnswer(response *http.Response) bool {
	kind, _, _ := strings.Cut(response.Header.Get("Content-Type"), ";")
	switch response.StatusCode {
	case http.StatusNoContent:
		return true
	case http.StatusOK, http.StatusCreated:
		return kind == "application/json" || kind == "text/event-stream"
	default:
		return false
	}
}

// adminRefusal returns the error for an answer that is no success. Only the admin API answers with JSON that has a
// message, and without an exception of AWS.
func (s *Service) adminRefusal(response *http.Response) error {
	text, _ := io.ReadAll(io.LimitReader(response.Body, 64<<10)) // what arrived is enough
	var members struct{ Message string }
	isAWS := response.Header.Get("X-Amzn-ErrorType") != "" || response.Header.Get("X-Amzn-Requestid") != ""
	if isAWS || json.Unmarshal(text, &members) != nil || members.Message == "" {
		switch response.StatusCode {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout: // of a proxy
			return &UnreachableError{s.admin, errors.New(response.Status)}
		}
		return &NoAdminError{s.admin}
	}
	return &AdminError{response.StatusCode, strings.TrimSpace(members.Message)}
}

// HasNoAdmin reports whether an error says that the server has no admin API, or that it cannot be reached.
func HasNoAdmin(err error) bool {
	_, none := errors.AsType[*NoAdminError](err)
	_, unreachable := errors.AsType[*UnreachableError](err)
	return none || unreachable
}
