package tree

func scanDocument(text string, at Start, arena *Arena) (*Node, *Error) { return nil, &Error{} }
