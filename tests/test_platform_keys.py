"""Which address is which article, on the CMS families of the crawls in test_platform_crawls: a table for each."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.models import ExtractError, Host, Page, Portal
from scraper.platforms import get_platform, platform_names
from scraper.reading.slugs import names_article
from tests.pace import assert_linear

FAMILIES = (
    "dotnetnuke", "drupal", "generic", "groupnid", "joomla", "liferay", "newszone", "sharepoint", "vnpt", "websphere",
)  # fmt: skip
ASSET = "/tin/-/asset_publisher/aB3dE5fG7hI9"
KEYS = [
    # Thanh Hóa: the day and the id behind the slug; an edited slug changes nothing.
    ("sharepoint", "/portal/pages/2021-03-25/Huyen-hop-ban-48213.aspx", "2021-03-25/48213"),
    ("sharepoint", "/portal/Pages/2021-3-25/huyen-hop-ban-ve-giam-ngheo-48213.aspx", "2021-03-25/48213"),
    ("sharepoint", "/portal/pages/2021-03-25/huyen-hop-ban.aspx", "2021-03-25/huyen-hop-ban"),
    ("sharepoint", "/portal/KenhTin/Van-hoa-xa-hoi.aspx", None),
    # Quảng Ninh: site and nid.
    ("sharepoint", "/donvi/Dongtrieu/Trang/ChiTietTinTuc.aspx?nid=77&title=bai.html", "donvi/dongtrieu/77"),
    ("sharepoint", "/donvi/dongtrieu/trang/chitiettintuc.aspx?title=khac.html&nid=77", "donvi/dongtrieu/77"),
    ("sharepoint", "/Trang/ChiTietTinTuc.aspx?nid=77", "77"),
    ("sharepoint", "/Trang/tin-tuc-su-kien.aspx", None),
    ("sharepoint", "/donvi/x/Lists/TinTuc/Attachments/77/van-ban.pdf", None),
    # Blogs and lists: the list and its item.
    ("sharepoint", "/q1/lists/posts/post.aspx?Source=%2Fdefault%2Easpx&Category=3&ItemID=83&Mode=1", "q1/lists/posts/83"),
    ("sharepoint", "/q1/Lists/Posts/Post.aspx?ID=83", "q1/lists/posts/83"),
    ("sharepoint", "/Lists/TinTuc/DispForm.aspx?ID=9", "lists/tintuc/9"),
    ("sharepoint", "/Lists/TinTuc/EditForm.aspx?ID=9", None),
    ("sharepoint", "/Lists/TinTuc/AllItems.aspx?Paged=TRUE&p_ID=30&PageFirstRow=31", None),
    ("sharepoint", "/rss/Pages/index.aspx?ItemID=54", None),
    ("sharepoint", "/tintuc/Pages/tin-tong-hop.aspx?ItemID=7123", "tintuc/7123"),
    ("sharepoint", "/tintuc/Pages/tin-tong-hop.aspx?ItemID=7123&IsDlg=1", None),
    ("sharepoint", "/_layouts/15/listform.aspx?ItemID=7", None),
    ("sharepoint", "/sites/dl/SitePages/Home.aspx", None),
    ("sharepoint", "/sites/dl/SitePages/Huyen-Di-Linh-giam-120-ho-ngheo.aspx", "sites/dl/sitepages/huyen-di-linh-giam-120-ho-ngheo"),
    ("sharepoint", "/sites/dl/_layouts/15/listform.aspx?PageType=4&ListId={9F0C-11}&ID=83", "9f0c-11/83"),
    # VNPT: articles, and documents of the sub-app.
    ("vnpt", "/van-hoa-xa-hoi/huyen-hop-ban-124578?pageindex=0", "124578"),
    ("vnpt", "/?pageid=27205&p_cate=11495&p_steering=991", "document/991"),
    ("vnpt", "/?pageid=27205&p_cate=11495", None),
    ("vnpt", "/van-hoa-xa-hoi", None),
    # WebSphere: the site area and the slug, whatever state follows.
    ("websphere", "/wps/portal/Home/2019/home/tin-chi-tiet/sa-tin-tuc/bai-viet/!ut/p/z1/04_Sj9CPykssy0xPLMn/", "sa-tin-tuc/bai-viet"),
    ("websphere", "/wps/portal/!ut/p/z1/04_Sj9CPykssy0xPLMn/", None),
    ("websphere", "/wps/wcm/connect/sa-tin-tuc/ke-hoach.pdf", None),
    # Liferay: documents, EcoIT, and the forms made for one portal.
    ("liferay", "/van-ban?p_p_id=viewvbpqmanagement_WAR_unitechappportlet&_viewvbpqmanagement_WAR_unitechappportlet_vbpqId=77", "document/77"),
    ("liferay", "/van-ban?p_p_id=viewvbpqmanagement_WAR_unitechappportlet&_viewvbpqmanagement_WAR_unitechappportlet_cur=2", None),
    ("liferay", "/tin?p_p_id=CmsViewTinTrangChuyenMuc_WAR_CmsViewEcoITportlet_INSTANCE_x&_CmsViewTinTrangChuyenMuc_WAR_CmsViewEcoITportlet_INSTANCE_x_articleId=7", "7"),
    ("liferay", "/vi/w/bai-viet", "bai-viet"),
    ("liferay", "/tin/-/view_content/content/4711/bai-viet", "entry/4711"),
    ("liferay", "/tin/-/details/4711/bai-viet-99", "details/4711"),
    ("liferay", "/chi-tiet-tin-tuc?d=1045&c=7", "d/1045"),
    # Liferay: urlTitle before ids, whatever the form of the address.
    ("liferay", f"{ASSET}/content/bai-viet", "bai-viet"),
    ("liferay", "/w/bai-viet", "bai-viet"),
    ("liferay", "/tin?p_p_id=101_INSTANCE_x&_101_INSTANCE_x_assetEntryId=9&_101_INSTANCE_x_urlTitle=bai-viet", "bai-viet"),
    ("liferay", "/tin?_101_INSTANCE_x_urlTitle=bai-viet&_101_INSTANCE_x_articleId=4", "bai-viet"),
    ("liferay", "/tin?_101_INSTANCE_x_articleId=4&_101_INSTANCE_x_urlTitle=bai-viet", "bai-viet"),
    ("liferay", "/tin?_56_INSTANCE_x_classPK=4711", "pk/4711"),
    ("liferay", "/tin?_101_INSTANCE_x_assetEntryId=4711", "id/4711"),
    ("liferay", f"{ASSET}/document/id/4711", "id/4711"),
    ("liferay", "/tin/-/journal_content/56_INSTANCE_aB3d/10184/4711", "4711"),
    ("liferay", "/tin/-/blogs/bai-viet", "blogs/bai-viet"),
    ("liferay", "/tin/-/blogs/rss", None),
    ("liferay", "/web/guest/-/bai-viet", "bai-viet"),
    ("liferay", "/tin?_101_INSTANCE_x_urlTitle=bai-viet&p_p_lifecycle=1", None),
    # Hà Nội since 2025.
    ("newszone", "/tin-so-nganh/ha-noi-hop-4250808215021297.htm", "4250808215021297"),
    ("newszone", "/tin-so-nganh/ha-noi-hop-4000102581.htm", "4000102581"),
    ("newszone", "/tin-so-nganh.htm", None),
    ("newszone", "/tin-so-nganh/trang-2.htm", None),
    ("newszone", "/print/ha-noi-hop-4250808215021297.htm", None),
    # DotNetNuke: the id, not the tab.
    ("dotnetnuke", "/tabid/119/ID/3382/ten-bai/Default.aspx", "3382"),
    ("dotnetnuke", "/tabid/120/id/3382/Default.aspx", "3382"),
    ("dotnetnuke", "/tin/tabid/5/articleType/ArticleView/articleId/44/ten-bai.aspx", "44"),
    ("dotnetnuke", "/Default.aspx?tabid=140&articleid=918&language=vi-VN", "918"),
    ("dotnetnuke", "/tabid/36/default.aspx", None),
    ("dotnetnuke", "/Default.aspx?tabid=119", None),
    ("dotnetnuke", "/tabid/119/ctl/Login/ID/3/Default.aspx", None),
    ("dotnetnuke", "/Portals/0/ID/5/a.pdf", None),
    # Drupal.
    ("drupal", "/node/4127", "node/4127"),
    ("drupal", "/vi/node/4127/", "node/4127"),
    ("drupal", "/node/4127/edit", None),
    ("drupal", "/node", None),
    ("drupal", "/tin-tuc/long-xuyen-ho-tro-hoc-nghe", "tin-tuc/long-xuyen-ho-tro-hoc-nghe"),
    ("drupal", "/van-hoa-xa-hoi-the-thao-du-lich", None),
    ("drupal", "/lao-dong-thuong-binh-va-xa-hoi?page=2", None),
    ("drupal", "/taxonomy/term/12", None),
    ("drupal", "/sites/default/files/2020-01/bao-cao-giam-ngheo-nam-2020.pdf", None),
    # Joomla.
    ("joomla", "/index.php/tin-t-c/214-huy-n-t-ch-c", "214"),
    ("joomla", "/tin-tuc/214-huyen-to-chuc.html", "214"),
    ("joomla", "/index.php?option=com_content&view=article&id=214:huyen&catid=3&Itemid=9", "214"),
    ("joomla", "/index.php?option=com_content&view=category&id=3", None),
    ("joomla", "/index.php/tin-t-c/214-huyen?tmpl=component&print=1", None),
    ("joomla", "/index.php/tin-t-c?start=20", None),
    ("joomla", "/index.php/tin-t-c", None),
    # Quảng Nam.
    ("groupnid", "/chi-tiet-tin/group/12/nid/30118/ten-bai", "30118"),
    ("groupnid", "/chi-tiet-tin/group/7/nid/30118/", "30118"),
    ("groupnid", "/chuyen-muc/group/12", None),
    # Any other.
    ("generic", "/tin/ten-bai-viet-104377.html", "104377"),
    ("generic", "/104377-ten-bai-viet.html", "104377"),
    ("generic", "/tin/ten-bai-viet-d104377.html", "104377"),
    ("generic", "/tin/ke-hoach-giam-ngheo-cua-xa-an-phu-nam-2020.html", "tin/ke-hoach-giam-ngheo-cua-xa-an-phu-nam-2020"),
    ("generic", "/chitiet.aspx?newsid=77", "chitiet.aspx?77"),
    ("generic", "/chi-tiet-tin.php?id=77", "chi-tiet-tin.php?77"),
    ("generic", "/danh-muc.php?id=77", None),
    ("generic", "/trang-chu.php?id=77", None),
    ("generic", "/tin-tuc-su-kien-trong-huyen", None),
    ("generic", "/tin?trang=2", None),
    ("generic", "/tep/ke-hoach-giam-ngheo-nam-104377.pdf", None),
    ("generic", "/feed/ten-bai-viet-104377.html", None),
    ("generic", "/tin/ten-bai-viet-104377.html?print=1", None),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "path", "key"), KEYS, ids=[f"{name}:{path}" for name, path, _ in KEYS])
def test_the_key_of_an_article_is_in_its_address(platform: str, path: str, key: str | None) -> None:
    assert get_platform(platform).article_key(f"https://x.gov.vn{path}") == key


@settings(deadline=None)
@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="[]"), max_size=80),
    st.sampled_from(FAMILIES),
)
def test_any_path_has_a_key_or_none(path: str, platform: str) -> None:
    key = get_platform(platform).article_key("https://x.gov.vn/" + path)
    assert key is None or key


@pytest.mark.parametrize(
    ("slug", "named"),
    [
        ("huyen-gia-vien-giam-120-ho-ngheo", True),
        ("trao-nha-tinh-nghia-cho-me-viet-nam-anh-hung", True),
        ("Phiên-giao-dịch-việc-làm-ở-xã", True),
        ("tin-tuc-su-kien", False),
        ("lao-dong-thuong-binh-va-xa-hoi", False),
        ("hoc-tap-va-lam-theo-tu-tuong-dao-duc-phong-cach-ho-chi-minh", False),
        ("van-ban-chi-dao-dieu-hanh", False),
        ("thong-bao-moi", False),
        ("", False),
    ],
)
def test_a_slug_made_from_a_title_is_told_from_the_name_of_a_section(slug: str, named: bool) -> None:
    assert names_article(slug) is named


def test_the_platform_that_knows_any_page_is_asked_last() -> None:
    assert platform_names()[-1] == "generic"
    assert list(platform_names()[:-1]) == sorted(platform_names()[:-1])


def test_a_page_without_any_mark_is_of_no_platform() -> None:
    page = Page(
        "https://x.gov.vn/", b"<html><head><title>UBND</title></head><body><p>Xin ch\xc3\xa0o</p></body></html>"
    )
    assert not [name for name in platform_names() if get_platform(name).fingerprint(page)]


ARTICLES = {
    "dotnetnuke": "/tabid/119/ID/3382/Default.aspx",
    "drupal": "/node/4127",
    "generic": "/tin/ten-bai-viet-104377.html",
    "groupnid": "/chi-tiet-tin/group/12/nid/30118/ten-bai",
    "joomla": "/index.php/tin-t-c/214-huyen",
    "liferay": "/w/bai-viet",
    "newszone": "/tin/ha-noi-hop-4250808215021297.htm",
    "sharepoint": "/Trang/ChiTietTinTuc.aspx?nid=77",
    "vnpt": "/tin-tuc/ten-bai-124578",
    "websphere": "/wps/portal/Home/2019/home/tin-chi-tiet/sa-tin-tuc/bai-viet",
}
POSTBACK = "<a href=\"javascript:__doPostBack('a$b','Page$2')\">2</a>"
HOSTILE = {
    "postbacks": '<form><input type=hidden name=__VIEWSTATE value="x">' + POSTBACK * 3_000,
    "broken postbacks": "<a href=\"javascript:__doPostBack('" * 3_000,
    "deep pagers": "<div>" * 3_000 + POSTBACK,
    "numbers": "".join(f'<a href="?page={n}">{n}</a>' for n in range(3_000)),
    "json-ld": '<script type="application/ld+json">' + '{"@graph":[' * 9_000 + "</script>",
    "hidden fields": '<form><input type="hidden" name="Catname" value="' * 2_000,
    "settings": "<script>" + "Catname : Site = PageSize:" * 4_000,
    "open brackets": "<p>" + "(" * 100_000,
    "documents": "<table>" * 500 + "<table><tr><td>Trích yếu</td><td>Số ký hiệu</td></tr>" * 1_000,
    "web parts": '<div data-sp-webpartdata=\'{"serverProcessedContent":' * 3_000,
    "bylines": "<p>Submitted by " + "a b " * 20_000,
    "months": "<div class=published>" + "12 Tháng " * 12_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("platform", FAMILIES)
def test_a_hostile_page_costs_a_few_seconds_at_most(platform: str, body: str) -> None:
    family, portal = get_platform(platform), Portal("x", "X", platform, (Host("x.gov.vn"),), "https://x.gov.vn/")

    def read(size: int) -> None:
        page = Page("https://x.gov.vn" + ARTICLES[platform], f"<html><body>{body[:size]}".encode())
        family.fingerprint(page)
        family.is_article(page, portal)
        family.parse_listing(page, portal)
        try:
            family.extract(page, portal)
        except ExtractError as error:
            assert str(error)

    assert_linear(read, len(body), 10.0)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="<>/=\"' ahrefdivnputtypehidd1029:|.(-)$_{}[],@\n", max_size=300), st.sampled_from(FAMILIES))
def test_any_markup_is_read_or_refused_with_a_reason(markup: str, platform: str) -> None:
    family, portal = get_platform(platform), Portal("x", "X", platform, (Host("x.gov.vn"),), "https://x.gov.vn/")
    page = Page("https://x.gov.vn" + ARTICLES[platform], f"<html><body>{markup}".encode())
    family.parse_listing(page, portal)
    try:
        assert family.extract(page, portal).title
    except ExtractError as error:
        assert str(error)
