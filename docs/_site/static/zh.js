// What the search says in Chinese and the catalogue of Sphinx does not have.
Documentation.addTranslations({
  locale: "zh_Hans_CN",
  messages: {
    "Search finished, found one page matching the search query.": ["搜索完成，找到 ${resultCount} 个页面。"],
  },
  plural_expr: "0",
});
