"""The same quiz on paper: variants (mã đề), their keys, and the answers entered from them."""
