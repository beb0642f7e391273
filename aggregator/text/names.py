"""Names and news words in several scripts, so that reports in different languages can be compared.

One line a thing, its forms separated by `/`; the first is its key. A form that ends in `*` is a word's
beginning (Latin and Cyrillic only). Forms are compared after `fold`; Latin and Cyrillic ones stand at
word boundaries, kanji and kana ones anywhere. Written from general knowledge; add lines freely.
"""

from typing import Final

COUNTRIES: Final = """
united states/usa/american*/米国/アメリカ/米政府/米大統領/米政権/米軍/米議会/米上院/米下院/米財務/米国防/米国務/米司法/米連邦/米最高裁/米商務/米通商/米中央軍/米当局/米企業/米メディア/米紙/日米/訪米/対米/米中/米ロ/米露/米朝/米韓/米イラン/米イスラエル/米ウクライナ/米サウジ/米欧/在日米/駐日米/сша/америк*
china/chinese/中国/中国人/米中/日中/中ロ/中露/訪中/対中/駐中/китай*/китаю/китая
russia/russian*/ロシア/露軍/露大統領/露外相/露政府/ロ軍/米ロ/米露/日ロ/日露/中ロ/中露/対ロ/対露/朝ロ/朝露/росси*
ukraine/ukrainian*/ウクライナ/украин*/україн*
japan/japanese/日本/日本人/邦人/япони*/японск*
south korea/south korean*/seoul/韓国/米韓/日韓/訪韓/ソウル/южн* коре*
north korea/north korean*/pyongyang/dprk/北朝鮮/米朝/日朝/朝鮮中央通信/平壌/кндр
taiwan/taiwanese/taipei/台湾/台北/訪台/тайван*
iran/iranian*/tehran/イラン/テヘラン/иран*
israel/israeli*/イスラエル/израил*
palestine/palestinian*/パレスチナ/палестин*
gaza/ガザ/газа/газе/газы
lebanon/lebanese/beirut/レバノン/ベイルート/ливан*
syria/syrian*/damascus/シリア/ダマスカス/сири*
iraq/iraqi*/baghdad/イラク/バグダッド/ирак*
saudi arabia/saudi*/riyadh/サウジ/サウジアラビア/リヤド/саудовск*
yemen/yemeni*/イエメン/йемен*
oman/omani*/オマーン
qatar/qatari*/doha/カタール/ドーハ/катар*
uae/emirates/emirati*/dubai/abu dhabi/アラブ首長国連邦/ドバイ/アブダビ/оаэ
kuwait*/クウェート
bahrain*/バーレーン
jordan/jordanian*/amman/ヨルダン
egypt/egyptian*/cairo/エジプト/カイロ/египет/египт*
turkey/turkish/turkiye/ankara/istanbul/トルコ/アンカラ/イスタンブール/турци*/турецк*
india/indian*/new delhi/インド/ニューデリー/日印/инди*
pakistan/pakistani*/islamabad/パキスタン/пакистан*
afghanistan/afghan*/kabul/taliban/アフガニスタン/アフガン/タリバン/カブール/афган*
bangladesh*/dhaka/バングラデシュ/ダッカ
sri lanka*/スリランカ
nepal*/kathmandu/ネパール
myanmar/burma/burmese/ミャンマー/мьянм*
thailand/thai/bangkok/タイ政府/タイ首相/タイで/タイの/タイ軍/タイと/バンコク/таиланд*
cambodia*/phnom penh/カンボジア/プノンペン
vietnam/vietnamese/hanoi/ベトナム/ハノイ/вьетнам*
laos/ラオス
malaysia*/kuala lumpur/マレーシア
singapore*/シンガポール
indonesia*/jakarta/インドネシア/ジャカルタ/индонези*
philippines/philippine/filipino*/manila/フィリピン/マニラ/филиппин*
mongolia*/モンゴル
kazakhstan/kazakh*/カザフスタン/казах*
uzbekistan/uzbek*/ウズベキスタン
armenia*/アルメニア
azerbaijan*/アゼルバイジャン
georgia/ジョージア
australia*/canberra/sydney/オーストラリア/豪州/豪政府/豪首相/豪中銀/豪準備銀/日豪/シドニー/австрали*
new zealand*/wellington/ニュージーランド/ＮＺ
united kingdom/britain/british/uk/英国/イギリス/英政府/英首相/英中銀/英王室/英軍/英議会/英国王/日英/ロンドン/london/великобритани*/британ*
ireland/irish/dublin/アイルランド
france/french/paris/フランス/仏政府/仏大統領/仏首相/日仏/パリ/франци*/французск*
germany/german*/berlin/ドイツ/独首相/独政府/日独/ベルリン/германи*/немецк*
italy/italian*/rome/イタリア/伊首相/伊政府/ローマ/итали*
spain/spanish/madrid/スペイン/マドリード/испани*
portugal/portuguese/lisbon/ポルトガル/リスボン
netherlands/dutch/amsterdam/the hague/オランダ/アムステルダム/ハーグ/蘭政府
belgium/belgian*/brussels/ベルギー/ブリュッセル
switzerland/swiss/geneva/zurich/スイス/ジュネーブ/チューリヒ/швейцар*
austria/austrian*/vienna/オーストリア/ウィーン
sweden/swedish/stockholm/スウェーデン/ストックホルム/швеци*
norway/norwegian*/oslo/ノルウェー/オスロ
denmark/danish/copenhagen/デンマーク/コペンハーゲン
greenland*/グリーンランド
finland/finnish/helsinki/フィンランド/ヘルシンキ/финлянд*
iceland*/アイスランド
poland/polish/warsaw/ポーランド/ワルシャワ/польш*
czech*/prague/チェコ/プラハ
slovakia*/slovak/スロバキア
hungary/hungarian*/budapest/ハンガリー/ブダペスト/венгри*
romania*/bucharest/ルーマニア/ブカレスト
bulgaria*/ブルガリア
serbia*/belgrade/セルビア/ベオグラード/серби*
kosovo/コソボ
croatia*/クロアチア
bosnia*/ボスニア
greece/greek/athens/ギリシャ/アテネ
cyprus/キプロス
belarus*/minsk/ベラルーシ/ミンスク/беларус*/белорус*
moldova*/モルドバ/молдов*
estonia*/エストニア
latvia*/ラトビア
lithuania*/リトアニア
canada/canadian*/ottawa/toronto/カナダ/オタワ/トロント/канад*
mexico/mexican*/メキシコ/日墨/мексик*
cuba/cuban*/havana/キューバ/куб*
haiti*/ハイチ
venezuela*/caracas/ベネズエラ/カラカス/венесуэл*
colombia*/bogota/コロンビア/ボゴタ
brazil*/brasilia/ブラジル/бразили*
argentina/argentine*/buenos aires/アルゼンチン/аргентин*
chile/chilean*/チリ
peru/peruvian*/ペルー
bolivia*/ボリビア
ecuador*/エクアドル
panama*/パナマ
guatemala*/グアテマラ
south africa*/南アフリカ/南ア
nigeria*/ナイジェリア
kenya*/nairobi/ケニア/ナイロビ
ethiopia*/エチオピア
sudan/sudanese/スーダン/судан*
south sudan*/南スーダン
somalia*/ソマリア
congo*/dr congo/drc/コンゴ
rwanda*/ルワンダ
uganda*/ウガンダ
libya*/リビア
algeria*/アルジェリア
morocco/moroccan*/モロッコ
tunisia*/チュニジア
mali/マリ軍/マリ政府
niger/ニジェール
ghana*/ガーナ
mozambique/モザンビーク
zimbabwe*/ジンバブエ
vatican/holy see/バチカン/ローマ教皇庁/ローマ教皇/ватикан*
european union/eu/e.u./欧州連合/欧州委/欧州委員会/евросоюз*/ес
""".strip()

PLACES: Final = """
tokyo/東京
osaka/大阪
kyoto/京都
hiroshima/広島
nagasaki/長崎
fukuoka/福岡
nagoya/名古屋
sapporo/札幌
okinawa/沖縄
kumamoto/熊本
hokkaido/北海道
aomori/青森
iwate/岩手
miyagi/宮城
akita/秋田
yamagata/山形
fukushima/福島
ibaraki/茨城
tochigi/栃木
gunma/群馬
saitama/埼玉
chiba/千葉
kanagawa/神奈川
niigata/新潟
toyama/富山
ishikawa/石川県
fukui/福井
yamanashi/山梨
nagano/長野
gifu/岐阜
shizuoka/静岡
aichi/愛知
mie/三重県
shiga/滋賀
hyogo/兵庫
nara/奈良
wakayama/和歌山
tottori/鳥取
shimane/島根
okayama/岡山
yamaguchi/山口県/山口市
tokushima/徳島
kagawa/香川
ehime/愛媛
kochi/高知
saga/佐賀
oita/大分県/大分市
miyazaki/宮崎県/宮崎市
kagoshima/鹿児島
noto/能登
sendai/仙台
yokohama/横浜
kobe/神戸
senkaku*/尖閣
takeshima/dokdo/竹島
beijing/北京/пекин*
shanghai/上海/шанха*
hong kong/香港/гонконг*
shenzhen/深圳
xinjiang/新疆
tibet*/チベット
washington/ワシントン/вашингтон*
new york/nyc/ニューヨーク/нью-йорк*
california/カリフォルニア
texas/テキサス
florida/フロリダ
chicago/シカゴ
los angeles/ロサンゼルス
san francisco/サンフランシスコ
minneapolis/minnesota/ミネアポリス/ミネソタ
boston/ボストン
hawaii/ハワイ
alaska/アラスカ
las vegas/ラスベガス
moscow/モスクワ/москв*
kremlin/クレムリン/кремл*
st petersburg/サンクトペテルブルク/петербург*
kursk/クルスク/курск*
crimea*/クリミア/крым*
kyiv/kiev/キーウ/キエフ/киев*
kharkiv/kharkov/ハルキウ/харьков*/харків*
odesa/odessa/オデーサ/オデッサ/одесс*/одес*
zaporizhzhia/zaporizhia/ザポリージャ/запоріж*/запорож*
kherson/ヘルソン/херсон*
donetsk/donbas/donbass/ドネツク/ドンバス/донецк*/донбас*
jerusalem/エルサレム/иерусалим*
tel aviv/テルアビブ
west bank/ヨルダン川西岸
rafah/ラファ
hormuz/ホルムズ/ормуз*
red sea/紅海
black sea/黒海/черн* мор*
suez/スエズ
strait of malacca/malacca/マラッカ
south china sea/南シナ海
east china sea/東シナ海
mediterranean/地中海
antarctica/antarctic/南極
arctic/北極
mumbai/ムンバイ
kashmir/カシミール
ceuta/セウタ
""".strip()

ORGANISATIONS: Final = """
united nations/u.n./国連/оон
security council/安保理/安全保障理事会
unhcr/国連難民高等弁務官
unicef/ユニセフ
unesco/ユネスコ
world health organization/who chief/世界保健機関/воз
iaea/international atomic energy agency/国際原子力機関/магатэ
imf/international monetary fund/国際通貨基金/мвф
world bank/世界銀行/世銀
wto/world trade organization/世界貿易機関
icc/international criminal court/国際刑事裁判所
icj/international court of justice/国際司法裁判所
nato/北大西洋条約機構/ナトー/нато
g7/group of seven/先進7カ国/主要7カ国
g20/group of 20/20カ国・地域
brics/брикс
opec*/石油輸出国機構/опек
asean/東南アジア諸国連合
apec/アジア太平洋経済協力
cptpp/環太平洋連携協定
quad/クアッド
oecd/経済協力開発機構
iea/international energy agency/国際エネルギー機関
interpol/国際刑事警察機構
olympic*/ioc/五輪/オリンピック/олимп*
fifa/国際サッカー連盟
uefa/欧州サッカー連盟
world cup/w杯/ワールドカップ
nobel/ノーベル/нобел*
federal reserve/fed/fomc/frb/連邦準備/米連邦準備理事会/連邦公開市場委員会/фрс
european central bank/ecb/欧州中央銀行/欧州中銀/ецб
bank of japan/boj/日本銀行/日銀
bank of england/boe/イングランド銀行/英中銀
people's bank of china/pboc/中国人民銀行
reserve bank of australia/rba/豪準備銀行/豪中銀
reserve bank of india/rbi/インド準備銀行/インド中銀
bank of korea/韓国銀行/韓国中銀
white house/ホワイトハウス/бел* дом*
pentagon/国防総省/国防省/пентагон*
state department/国務省/госдеп*
treasury/財務省/財務長官/財務相/минфин*
justice department/doj/司法省
homeland security/dhs/国土安全保障省
ice/immigration and customs enforcement/移民税関捜査局/移民・税関捜査局
fbi/連邦捜査局/фбр
cia/中央情報局/цру
fda/食品医薬品局
sec/securities and exchange commission/証券取引委員会
ftc/federal trade commission/連邦取引委員会
fcc/連邦通信委員会
faa/連邦航空局
nasa/航空宇宙局/наса
centcom/中央軍
supreme court/最高裁/верховн* суд*
congress/議会/連邦議会
senate/上院
house of representatives/lower house/下院/衆院/衆議院
upper house/参院/参議院
democrats/democratic party/民主党
republicans/republican party/gop/共和党
labour party/労働党
conservative party/tories/保守党
liberal democratic party/ldp/自民党/自由民主党/自民
afd/ドイツのための選択肢
national rally/国民連合
hamas/ハマス/хамас*
hezbollah/hizbollah/ヒズボラ/хезболл*
houthi*/フーシ/хусит*
islamic state/isis/イスラム国
al qaeda/アルカイダ
revolutionary guard*/irgc/革命防衛隊/革命防衛/ксир
wagner/ワグネル/вагнер*
european commission/欧州委員会/欧州委
european parliament/欧州議会
foreign ministry/外務省/外相/минобороны
defense ministry/defence ministry/防衛省/国防省
self-defense force*/sdf/自衛隊
coast guard/海上保安庁/海保/沿岸警備隊
nikkei/日経平均/日経
dow/ダウ平均/ダウ
nasdaq/ナスダック
s&p/s&p500/sp500
topix
wall street/ウォール街/米国株/米株
toyota/トヨタ
honda/ホンダ
nissan/日産
mazda/マツダ
subaru/スバル
suzuki/スズキ
mitsubishi/三菱
mitsui/三井
sumitomo/住友
itochu/伊藤忠
marubeni/丸紅
sony/ソニー
nintendo/任天堂
panasonic/パナソニック
hitachi/日立
toshiba/東芝
fujitsu/富士通
nec/日本電気
sharp/シャープ
canon/キヤノン
kioxia/キオクシア
rapidus/ラピダス
renesas/ルネサス
advantest/アドバンテスト
tokyo electron/東京エレクトロン
softbank/ソフトバンク
rakuten/楽天
ntt/日本電信電話
kddi
seven & i/7-eleven/seven-eleven/セブン&アイ/セブン＆アイ/セブンイレブン
fast retailing/uniqlo/ファーストリテイリング/ファストリ/ユニクロ
aeon/イオン
takeda/武田薬品/武田
nippon steel/日本製鉄/日鉄
u.s. steel/us steel/usスチール
jr/jr東日本/jr東海
ana/全日空/全日本空輸
japan airlines/jal/日本航空
nomura/野村
mizuho/みずほ
mufg/三菱ufj
smbc/sumitomo mitsui/三井住友
tepco/東京電力/東電
idemitsu/出光
eneos
kirin/キリン
asahi group/アサヒグループ/アサヒ
shiseido/資生堂
kadokawa
apple/アップル
google/グーグル/гугл*
alphabet/アルファベット
microsoft/マイクロソフト
amazon/アマゾン
meta/メタ/facebook/フェイスブック
instagram/インスタグラム
tiktok/bytedance/ティックトック/バイトダンス
youtube/ユーチューブ
netflix/ネットフリックス/ネトフリ
disney/ディズニー
warner bros/warner/ワーナー
paramount/パラマウント
tesla/テスラ
spacex/スペースx/スペースエックス
starlink/スターリンク
xai
twitter/ツイッター
openai/open ai/オープンai
chatgpt/チャットgpt
anthropic/アンソロピック
nvidia/エヌビディア
amd
intel/インテル
qualcomm/クアルコム
broadcom/ブロードコム
micron/マイクロン
tsmc/台湾積体電路
samsung/サムスン
sk hynix/hynix/skハイニックス/ハイニックス
lg
hyundai/現代自動車
huawei/ファーウェイ/華為
alibaba/アリババ
tencent/テンセント
baidu/百度/バイドゥ
xiaomi/シャオミ/小米
byd/比亜迪
catl/寧徳時代
deepseek/ディープシーク
evergrande/恒大
vanke/万科
temu
shein/シーイン
asml
arm/アーム
oracle/オラクル
ibm
salesforce/セールスフォース
palantir/パランティア
cisco/シスコ
dell/デル
boeing/ボーイング
airbus/エアバス
lockheed/ロッキード
general motors/gm/ゼネラル・モーターズ
ford/フォード
stellantis/ステランティス
volkswagen/vw/フォルクスワーゲン
bmw
mercedes*/メルセデス
renault/ルノー
porsche/ポルシェ
ferrari/フェラーリ
volvo/ボルボ
goldman sachs/goldman/ゴールドマン
jpmorgan/jpモルガン
morgan stanley/モルガン・スタンレー
citigroup/シティグループ
bank of america/バンク・オブ・アメリカ
blackrock/ブラックロック
blackstone/ブラックストーン
kkr
bain capital/bain/ベインキャピタル/ベイン
carlyle/カーライル
berkshire*/バークシャー
ubs
hsbc
barclays/バークレイズ
deutsche bank/ドイツ銀行
visa/ビザ
walmart/ウォルマート
target corp/ターゲット
home depot/ホーム・デポ/ホームデポ
costco/コストコ
starbucks/スターバックス
mcdonald*/マクドナルド
coca-cola/コカ・コーラ
pepsi*/ペプシ
nike/ナイキ
lvmh
nestle/ネスレ
unilever/ユニリーバ
pfizer/ファイザー
moderna/モデルナ
novo nordisk/ノボノルディスク
eli lilly/lilly/イーライ・リリー/イーライリリー
astrazeneca/アストラゼネカ
roche/ロシュ
novartis/ノバルティス
bayer/バイエル
merck/メルク
johnson & johnson/ジョンソン&ジョンソン
exxon*/エクソン
chevron/シェブロン
shell/シェル
bp
totalenergies/トタルエナジーズ
aramco/アラムコ
gazprom/ガスプロム/газпром*
rosneft/ロスネフチ/роснефт*
lukoil/ルクオイル/лукойл*
rio tinto/リオ・ティント/リオティント
bhp
glencore/グレンコア
foxconn/hon hai/鴻海/フォックスコン
uber/ウーバー
airbnb/エアビー
spotify/スポティファイ
telegram/テレグラム/телеграм*
reuters/ロイター/рейтер
bloomberg/ブルームバーグ
bbc
fedex/フェデックス
ups
maersk/マースク
lufthansa/ルフトハンザ
ryanair/ライアンエアー
siemens/シーメンス
basf
sap
nokia/ノキア
ericsson/エリクソン
binance/バイナンス
coinbase/コインベース
robinhood/ロビンフッド
""".strip()

PEOPLE: Final = """
trump/トランプ/трамп*
vance/バンス副大統領/バンス氏/вэнс*
rubio/ルビオ/рубио
hegseth/ヘグセス
bessent/ベッセント/ベセント/бессент*
lutnick/ラトニック
greer/グリア
witkoff/ウィットコフ/виткофф*
kushner/クシュナー
bondi/ボンディ
patel/パテル長官/パテル氏
noem/ノーム
powell/パウエル
warsh/ウォーシュ
biden/バイデン/байден*
harris/ハリス氏/ハリス前副大統領
obama/オバマ/обам*
clinton/クリントン
newsom/ニューサム
mamdani/マムダニ
musk/マスク氏/イーロン・マスク/マスクceo/маск
altman/アルトマン
zuckerberg/ザッカーバーグ
bezos/ベゾス
buffett/バフェット
huang/フアンceo/ジェンスン・フアン
epstein/エプスタイン
putin/プーチン/путин*
lavrov/ラブロフ/лавров*
peskov/ペスコフ/песков*
medvedev/メドベージェフ/медведев*
navalny/ナワリヌイ/навальн*
durov/ドゥロフ/дуров*
lukashenko/ルカシェンコ/лукашенк*
zelensky/zelenskyy/zelenskiy/ゼレンスキー/зеленск*/зеленськ*
yermak/イェルマーク/ермак*
syrskyi/シルスキー
xi jinping/xi/習近平/習主席/習氏/си цзиньпин*
li qiang/李強
wang yi/王毅
takaichi/高市
ishiba/石破
kishida/岸田
koizumi/小泉進次郎/小泉防衛/小泉氏/小泉農相
hayashi yoshimasa/林芳正
motegi/茂木
katayama/片山さつき/片山財務
akazawa/赤沢
kihara/木原官房/木原稔
aso/麻生
noda yoshihiko/野田佳彦
tamaki/玉木
yoshimura/吉村
koike/小池
saito tetsuo/斉藤鉄夫
ueda/植田/上田総裁
mimura/三村財務官
abe shinzo/shinzo abe/安倍晋三/安倍元首相
yamagami/山上
ohtani/otani/大谷翔平/大谷
lee jae-myung/lee jae myung/李在明
yoon suk-yeol/yoon suk yeol/yoon/尹錫悦
kim jong un/kim jong-un/金正恩/金総書記/ким чен ын*
kim yo jong/金与正
lai ching-te/頼清徳
tsai ing-wen/蔡英文
modi/モディ/моди
sharif/シャリフ
khamenei/ハメネイ/хаменеи
pezeshkian/ペゼシュキアン/пезешкиан*
araghchi/araqchi/アラグチ/アラクチ
netanyahu/ネタニヤフ/нетаньяху
gallant/ガラント
abbas/アッバス
bin salman/ムハンマド皇太子/サルマン皇太子
assad/アサド/асад*
sharaa/シャラア
erdogan/エルドアン/эрдоган*
macron/マクロン/макрон*
le pen/ルペン
bardella/バルデラ
lecornu/ルコルニュ
merz/メルツ/мерц*
scholz/ショルツ
weidel/ワイデル
meloni/メローニ/мелони
sanchez/サンチェス
starmer/スターマー/стармер*
burnham/バーナム
farage/ファラージ
sunak/スナク
king charles/charles iii/チャールズ国王/チャールズ英国王
prince harry/ヘンリー王子
von der leyen/フォンデアライエン
kallas/カラス
lagarde/ラガルド
rutte/ルッテ
orban/オルバン/орбан*
tusk/トゥスク
carney/カーニー
trudeau/トルドー
sheinbaum/シェインバウム
lula/ルラ
bolsonaro/ボルソナロ
milei/ミレイ
maduro/マドゥロ/мадуро
petro/ペトロ
fujimori/フジモリ
albanese/アルバニージー
luxon/ラクソン
prabowo/プラボウォ
marcos/マルコス
duterte/ドゥテルテ
anwar/アンワル
anutin/アヌティン
thaksin/shinawatra/タクシン
min aung hlaing/ミンアウンフライン
suu kyi/スーチー
guterres/グテレス/гутерреш*
grossi/グロッシ/гросси
pope leo/レオ14世/教皇レオ
pope francis/教皇フランシスコ
dalai lama/ダライ・ラマ
infantino/インファンティーノ
messi/メッシ
ronaldo/ロナウド
taylor swift/テイラー・スウィフト
""".strip()

# What happens in the news. Several forms of one idea, so that "halt" meets 停止 and 操業停止.
EVENTS: Final = """
%earthquake/quake*/地震/震度/землетрясен*
%tsunami/津波
%typhoon/hurricane*/cyclone*/台風/ハリケーン
%flood/floods/flooding/洪水/浸水/豪雨/大雨
%heat/heatwave*/heat wave*/猛暑/熱波/酷暑/熱中症
%wildfire/wildfires/bushfire*/山火事/森林火災
%fire/blaze/火災/火事
%volcano/volcanic/eruption/噴火/火山
%landslide/mudslide*/土砂崩れ/土砂災害
%drought/干ばつ
%explosion/blast*/explode*/爆発
%crash/crashes/crashed/墜落/衝突
%derail*/脱線
%capsiz*/sink*/sank/転覆/沈没
%accident/事故
%dead/dies/died/death*/deaths/kill*/fatal*/死亡/死者/死去/犠牲/погиб*/уби*
%injured/wounded/injur*/hurt/けが/負傷/重傷/軽傷
%missing/行方不明/安否不明
%rescue*/救助/救出
%evacuat*/避難
%shelter*/避難所
%aid/relief/支援/援助
%condolence*/お見舞い/哀悼/弔意
%apolog*/sorry/謝罪/陳謝/おわび/お詫び
%war/戦争/война/войны
%attack*/strikes/airstrike*/struck/assault/raid*/攻撃/空爆/空襲/襲撃/атак*
%missile*/ミサイル/ракет*
%drone*/uav*/無人機/ドローン/дрон*/беспилот*
%nuclear/核/原子力/ядерн*
%bomb*/爆弾/爆撃
%troops/soldiers/forces/army/military/部隊/兵士/軍/вс рф
%invasion/invade*/侵攻/вторжен*
%ceasefire/cease-fire/truce/停戦/休戦/перемири*
%peace/和平
%hostage*/captive*/人質
%prisoner*/捕虜/囚人
%withdraw*/pull out/pullout/撤退/撤収/撤回
%deploy*/展開/配備
%drill*/exercise*/演習
%navy/warship*/海軍/艦艇/艦隊/軍艦
%tanker*/タンカー
%vessel*/ship/ships/船舶/船
%blockade/封鎖
%retaliat*/報復
%sanction*/制裁/санкци*
%embargo/禁輸
%ban/bans/banned/禁止
%tariff*/duties/関税/пошлин*
%trade/貿易/通商
%export*/輸出
%import*/輸入
%deal/agreement/accord/pact/合意/協定/соглашен*
%sign/signs/signed/署名/調印
%talks/negotiat*/協議/交渉/переговор*
%summit/首脳会談/首脳会議/саммит*
%meet/meets/meeting/met/会談/会合
%visit*/訪問/来日/訪日/訪中/訪米/визит*
%statement/joint statement/声明
%protest*/demonstrat*/rally/rallies/抗議/デモ/протест*
%criticis*/criticiz*/condemn*/slam*/blast/非難/批判
%warn*/警告/警戒
%threat*/脅威/脅し/威嚇
%reject*/refus*/拒否/拒絶
%demand*/要求/要請
%urge*/call for/呼びかけ/促す
%election*/vote/votes/voting/poll/選挙/投票/выбор*
%candidate*/候補
%win/wins/won/victory/勝利/当選
%lose/loses/lost/defeat*/敗北/敗退/落選
%resign*/step down/steps down/quit/quits/辞任/辞職/退陣/отставк*
%appoint*/nominat*/name as/任命/指名/就任
%fire official/sack*/dismiss*/oust*/解任/更迭/罷免/免職
%parliament/議会/国会/парламент*
%bill/legislation/law/法案/法律/法
%budget/予算/бюджет*
%tax*/課税/増税/減税/税
%consumption tax/消費税
%approval rating/support rate/支持率
%cabinet/内閣/閣僚
%coalition/連立
%court/judge/judges/裁判/裁判所/地裁/高裁/判事/суд
%trial/公判/審理
%sue/sues/sued/lawsuit*/suit/提訴/訴訟/訴え
%ruling/rule/ruled/verdict/判決/判断
%guilty/convict*/有罪
%acquit*/not guilty/無罪
%sentence*/jailed/prison/懲役/実刑/禁錮
%indict*/charged/charges/起訴/訴追
%arrest*/detain*/custody/逮捕/拘束/拘留/задерж*/арест*
%police/警察/警官/полици*
%prosecutor*/検察/検事/地検
%murder*/homicide/殺人/殺害
%shoot*/shot/gunman/gunfire/銃撃/銃乱射/発砲/射殺
%stab*/knife/刺殺/刺され/刃物
%fraud/scam*/詐欺/詐取
%bribe*/corruption/graft/贈賄/収賄/汚職
%leak*/breach*/流出/漏えい/漏洩
%hack*/cyberattack*/cyber attack*/サイバー攻撃/不正アクセス/ハッキング
%spy/spies/espionage/スパイ/諜報
%abuse/harass*/虐待/ハラスメント
%suspect*/容疑者/容疑
%investigat*/probe*/inquiry/捜査/調査
%recall*/リコール
%interest rate*/rates/policy rate*/key rate*/benchmark rate*/金利/利率
%rate hike/hike/hikes/raise rates/利上げ
%rate cut/cuts rates/cut rates/利下げ
%hold rates/holds rates/keeps rates/unchanged/steady/据え置き/据え置く
%inflation/cpi/consumer price*/インフレ/消費者物価/物価
%gdp/economic growth/国内総生産/成長率
%unemployment/jobless/jobs/雇用/失業
%wage*/賃金/賃上げ
%recession/景気後退
%stock*/shares/equit*/株価/株式/株
%bond*/yield*/treasuries/国債/利回り/債券
%yen/円相場/円安/円高/為替/иен*
%dollar*/ドル/доллар*
%euro/ユーロ
%yuan/人民元
%won/ウォン
%rupee*/ルピー
%intervention/intervene*/介入
%oil/crude/原油/石油/нефт*
%gas/natural gas/lng/天然ガス/ガス
%gasoline/petrol/fuel/ガソリン/燃料
%gold/金価格/金相場/金先物
%copper/銅
%coal/石炭
%rice/コメ価格/米価/備蓄米
%wheat/小麦
%bitcoin/crypto*/cryptocurrenc*/ビットコイン/暗号資産/仮想通貨
%profit*/earnings/利益/増益/減益/純利益/決算
%revenue*/sales/売上/売上高/増収/減収
%loss/losses/赤字/損失
%forecast*/outlook/guidance/見通し/予想
%record/high/過去最高/史上最高/最高値
%surge*/soar*/jump*/rall*/急騰/急伸/急増/高騰
%plunge*/tumble*/slump*/急落/暴落/大幅安
%rise/rises/rose/gain*/climb*/上昇/続伸/反発/増加
%fall/falls/fell/drop*/slip*/decline*/下落/続落/反落/減少/低下
%deficit/赤字
%surplus/黒字
%debt/債務/負債
%bankrupt*/破産/倒産/経営破綻
%layoff*/job cuts/cut jobs/人員削減/リストラ/解雇
%strike action/walkout/スト/ストライキ
%merger/merge*/合併/経営統合
%acqui*/takeover/buy out/buyout/買収/tob/mbo
%stake/出資/株式取得
%ipo/上場/新規株式公開
%invest*/投資
%factory/plant/plants/factories/工場/生産拠点
%halt*/suspend*/stop/stops/停止/中止/操業停止/稼働停止/生産停止/止まる
%resume*/restart*/reopen*/再開
%delay*/postpone*/延期/遅れ
%cancel*/中止/取り消し
%launch*/打ち上げ/発射/発売
%rocket*/ロケット
%satellite*/衛星/人工衛星
%moon/lunar/月面/月探査
%chip*/semiconductor*/半導体
%ai/artificial intelligence/人工知能/生成ai
%data center*/データセンター
%robot*/ロボット
%electric vehicle*/ev/evs/電気自動車
%battery/batteries/電池/蓄電池
%rare earth*/レアアース/希土類
%vaccine*/ワクチン
%virus/outbreak/epidemic/感染/ウイルス
%covid*/coronavirus/コロナ
%cancer/がん
%drug/medicine/医薬品/新薬
%hospital*/病院
%school*/student*/学校/生徒/学生
%children/child/kids/子ども/子供/児童
%women/woman/女性
%migrant*/immigra*/refugee*/移民/難民/不法移民
%border/国境
%visa rules/査証/ビザ
%population/人口
%birth*/births/出生/少子化
%marriage/wed*/結婚
%divorc*/離婚
%emperor/天皇
%king/国王
%royal*/王室/皇室
%train*/railway/鉄道/列車/新幹線
%airport/空港
%plane/aircraft/jet/航空機/旅客機/機
%flight*/欠航/便
%power outage/blackout/停電
%water/断水/水道
%dam/ダム
%bridge/橋
%reactor/原発/原子炉
%dismantle/廃炉
%climate/気候
%emission*/排出
%bear/bears/クマ/熊
%whale*/クジラ
%football/soccer/サッカー
%baseball/野球
%tennis/テニス
%golf/ゴルフ
%sumo/大相撲/相撲
%medal*/メダル
%champion*/優勝/王者
%final/決勝
%coach/manager/監督
%injury list/負傷者リスト
%transfer/移籍
%film/movie/映画
%actor/actress/俳優/女優
%singer/歌手
%award*/prize/受賞/賞
%art/museum/美術/博物館
""".strip()
