#include "net/http/static_files.hpp"

#include "config/log.hpp"
#include "net/api/security_headers.hpp"

#include <boost/beast/core/string.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace holdfast::net {

namespace {

namespace fs = std::filesystem;

/// A build that is larger than this isn't one of ours; better to say so than to fill the memory.
constexpr std::uintmax_t file_bytes_max = 32 * 1024 * 1024;

constexpr std::string_view not_built_page =
    R"(<!doctype html><html lang="en"><meta charset="utf-8"><title>Holdfast</title>)"
    R"(<h1>The browser application is not built</h1>)"
    R"(<p>This server runs and answers its interface under <code>/api</code>, but has no pages: )"
    R"(the directory of the setting <code>http.static_dir</code> (HOLDFAST_STATIC_DIR) holds no )"
    R"(index.html. <code>scripts/run</code> builds the application.</p></html>)";

std::string_view content_type_of(std::string_view path) {
  struct entry {
    std::string_view extension;
    std::string_view type;
  };
  static constexpr std::array<entry, 19> types{{{".html", "text/html; charset=utf-8"},
                                                {".js", "text/javascript; charset=utf-8"},
                                                {".mjs", "text/javascript; charset=utf-8"},
                                                {".css", "text/css; charset=utf-8"},
                                                {".json", "application/json; charset=utf-8"},
                                                {".map", "application/json; charset=utf-8"},
                                                {".webmanifest", "application/manifest+json"},
                                                {".svg", "image/svg+xml"},
                                                {".png", "image/png"},
                                                {".jpg", "image/jpeg"},
                                                {".jpeg", "image/jpeg"},
                                                {".webp", "image/webp"},
                                                {".avif", "image/avif"},
                                                {".gif", "image/gif"},
                                                {".ico", "image/x-icon"},
                                                {".woff2", "font/woff2"},
                                                {".woff", "font/woff"},
                                                {".txt", "text/plain; charset=utf-8"},
                                                {".xml", "application/xml; charset=utf-8"}}};
  for (const entry& known : types)
    if (path.ends_with(known.extension))
      return known.type;
  return "application/octet-stream";
}

/// A strong entity tag: another one for other bytes.
std::string etag_of(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(content.data(), content.size(), digest.data(), &length, EVP_sha256(), nullptr);
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string tag = "\"";
  for (unsigned i = 0; i < std::min(length, 16U); ++i)
    tag.append(1, digits[digest[i] >> 4]).append(1, digits[digest[i] & 15]);
  return tag.append("\"");
}

std::string_view trim_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls `f` with each element of a comma-separated list, without blanks.
template <class Function>
bool any_element(std::string_view list, Function f) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (f(trim_blanks(list.substr(0, comma))))
      return true;
    if (comma == std::string_view::npos)
      break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// Whether the parameters of an Accept-Encoding element say "not at all": q=0, q=0.0, ...
bool has_zero_weight(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos)
    return false;
  const std::string_view weight = parameters.substr(q + 2);
  const auto end = std::min(weight.find_first_of("; \t"), weight.size());
  return weight.substr(0, end).find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

bool accepts_encoding(std::string_view accept_encoding, std::string_view coding) {
  return any_element(accept_encoding, [coding](std::string_view element) {
    const auto semicolon = element.find(';');
    const std::string_view name = trim_blanks(element.substr(0, semicolon));
    const std::string_view parameters =
        semicolon == std::string_view::npos ? std::string_view{} : element.substr(semicolon + 1);
    return boost::beast::iequals({name.data(), name.size()}, {coding.data(), coding.size()}) &&
           !has_zero_weight(parameters);
  });
}

bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  return any_element(if_none_match, [etag](std::string_view element) {
    if (element.starts_with("W/"))
      element.remove_prefix(2);
    return element == "*" || element == etag;
  });
}

static_files::static_files(const std::string& directory, bool allows_stripe)
    : allows_stripe_(allows_stripe) {
  load(directory);
  const auto index = files_.find("/index.html");
  if (index != files_.end() && index->second.plain.content)
    index_ = &index->second;
  if (index_ == nullptr)
    log::warning(
        "application_not_built",
        {{"static_dir", directory}, {"advice", "scripts/run builds the browser application"}});
}

void static_files::load(const std::string& directory) {
  std::error_code error;
  fs::recursive_directory_iterator entries(directory, error);
  if (error)
    return;
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_regular_file(error) || entry.is_symlink(error))
      continue;
    const std::string path = "/" + entry.path().lexically_relative(directory).generic_string();
    if (entry.file_size(error) > file_bytes_max || error) {
      log::warning("static_file_skipped",
                   {{"path", path}, {"reason", "too large or not readable"}});
      continue;
    }
    std::ifstream stream(entry.path(), std::ios::binary);
    std::string content{std::istreambuf_iterator<char>{stream}, std::istreambuf_iterator<char>{}};
    if (!stream)
      log::warning("static_file_skipped", {{"path", path}, {"reason", "not readable"}});
    else
      add(path, std::move(content));
  }
  // A compressed file without its plain one can't be served to everybody.
  std::erase_if(files_, [](const auto& item) { return !item.second.plain.content; });
}

void static_files::add(const std::string& path, std::string content) {
  std::string name = path;
  variant file::*which = &file::plain;
  if (path.ends_with(".br"))
    which = &file::brotli, name.resize(path.size() - 3);
  else if (path.ends_with(".gz"))
    which = &file::gzip, name.resize(path.size() - 3);
  file& entry = files_[name];
  entry.content_type = content_type_of(name);
  entry.immutable = name.starts_with("/assets/");
  variant& slot = entry.*which;
  slot.etag = etag_of(content);
  slot.content = std::make_shared<const std::string>(std::move(content));
}

answer static_files::serve(const request& asked) const {
  const auto found = files_.find(std::string{asked.path});
  if (found != files_.end())
    return serve(found->second, asked);
  if (asked.path.starts_with("/assets/"))
    return make_answer(problem::not_found);
  if (index_ != nullptr)
    return serve(*index_, asked);
  answer given;
  given.status = 503;
  given.content_type = "text/html; charset=utf-8";
  given.body = not_built_page;
  given.is_page = true;
  return given;
}

answer static_files::serve(const file& found, const request& asked) const {
  const std::string_view accepted = asked.field(http::field::accept_encoding);
  const variant* chosen = &found.plain;
  answer given;
  given.is_page = true;
  given.allows_stripe = allows_stripe_;
  if (found.brotli.content && accepts_encoding(accepted, "br")) {
    chosen = &found.brotli;
    given.fields.emplace_back("Content-Encoding", "br");
  } else if (found.gzip.content && accepts_encoding(accepted, "gzip")) {
    chosen = &found.gzip;
    given.fields.emplace_back("Content-Encoding", "gzip");
  }
  given.content_type = found.content_type;
  given.shared_body = chosen->content;
  given.fields.emplace_back("ETag", chosen->etag);
  given.fields.emplace_back("Cache-Control",
                            found.immutable ? cache_control_immutable : cache_control_revalidate);
  if (found.brotli.content || found.gzip.content)
    given.fields.emplace_back("Vary", "Accept-Encoding");
  if (matches_etag(asked.field(http::field::if_none_match), chosen->etag))
    given.status = 304;
  return given;
}

} // namespace holdfast::net
