/**
 * Passphrases of at least eight characters that attackers try first, in lower case. `assertNewPassphrase` (`passphrase.ts`) handles upper
 * case, repetition, runs and digits at the end. The thousand most common of the list of @zxcvbn-ts/language-common 3.0.4 (MIT licence,
 * https://github.com/zxcvbn-ts/zxcvbn, from leaked password collections), without coarse words.
 */
const LEAKED = `
password baseball football qwertyuiop 1234567890 superman 1qaz2wsx jennifer trustno1 sunshine iloveyou computer michelle starwars
princess corvette 1234qwer internet samantha q1w2e3r4t5 maverick whatever mercedes steelers qwer1234 q1w2e3r4 midnight victoria
marlboro 1q2w3e4r cocacola jordan23 danielle jonathan liverpoo qwerty123 passw0rd abcd1234 slipknot scorpion startrek asdfghjkl
redskins qazwsxedc liverpool nicholas dolphins qwertyui metallic mountain benjamin elephant rush2112 1q2w3e4r5t creative garfield
asdfghjk 1qazxsw2 december airborne brooklyn godzilla 4815162342 williams darkness blink182 platinum 01012011 lifehack 12qwaszx
snowball nintendo november pakistan explorer redwings 789456123 lasvegas guinness christin asdf1234 babygirl michigan carolina
alexande minecraft metallica kristina kimberly snickers paradise caroline 147258369 lacrosse poohbear qweasdzxc einstein drowssap
courtney spitfire patricia maryjane champion svetlana anderson westside security zaq12wsx alexander 123456789a 1232323q scarface
qwerty12 marshall veronica stargate 12345qwert semperfi brittany scotland cherokee simpsons michael1 vladimir franklin infinity
passport bulldogs budlight softball fktrcfylh kawasaki wildcats logitech swordfis motorola alexandr patriots colorado juventus
freeuser warcraft wolverin elizabet valentin mitchell ncc1701d spiderma hello123 virginia pearljam 123qweasd predator charlie1
peekaboo rolltide american cardinal chevelle fyfcnfcbz loverboy 123654789 changeme electric darkside hercules lawrence wolfpack
letmein1 741852963 spiderman blizzard cheyenne 123456789q cjkysirj 147852369 sterling basketball a1b2c3d4 freepass airplane billybob
stingray chocolat zeppelin firebird business greenday tarheels 01011980 hellfire engineer serenity fireball 1029384756 remember
darkstar mustang1 pavilion bobafett 01012000 dbrnjhbz harrison welcome1 swimming defender precious icecream swordfish presario
rockstar airforce thailand bluebird goldfish wrangler cadillac longhorn microsoft christia qazwsx123 assassin atlantis 123qweasdzxc
lonewolf software leonardo srinivas angelina valentina veronika babydoll wordpass devildog mistress freedom1 soso123aljg montreal
wolfgang 31415926 hotstuff basketba birthday stephani jessica1 kathleen savannah shamrock deftones goldberg renegade hamilton
cristina enterpri 1234abcd babylon5 sweetpea trfnthbyf cavalier marathon aardvark manchester yankees1 napoleon buckeyes 01011990
highland 1qaz2wsx3edc diamonds campbell chandler drpepper elizabeth 12345678910 thuglife sherlock morpheus consumer adgjmptw
barcelona sundance isabella overlord isabelle ultimate ncc1701e matthew1 geronimo 123qwe123 aleksandr portugal superfly q1w2e3r4t5y6
florence wrinkle1 11235813 seminole alejandr concrete access14 margaret christop letmein2 qazxswedc trombone pleasure rhbcnbyf
christian cdtnkfyf stallion mongoose kingkong bluemoon personal a1234567 immortal dietcoke anthony1 giovanni hollywoo morrison
14789632 clifford bonehead fernando ghbdtnbr charlott 1123581321 william1 hongkong sebastia werewolf super123 cooldude eternity
lollipop tottenha stocking anything columbia makaveli robinson verbatim satan666 standard blackcat punkrock raistlin infantry
qwerty12345 waterloo 01012010 seinfeld musicman megadeth skywalke squirrel wolverine qazwsxed stardust twilight intrepid vanhalen
punisher 1234567a showtime skittles ekaterina hannibal thunder1 chelsea1 1q2w3e4r5t6y portland panasonic sandiego penelope blackdog
1a2b3c4d californ playtime warriors gangster christine chargers mushroom dingdong crusader stranger dkflbvbh anastasia slapshot
guardian 147896325 septembe angelica scarlett kittycat munchkin rammstein 1passwor barcelon santiago blackman starcraft goodluck
coltrane katerina discover shaney14 192837465 lonestar stonecol meridian heather1 richard1 alexandra zaq1xsw2 beautiful lowrider
tacobell 123698745 catalina halflife kangaroo thompson socrates keyboard national formula1 qwerasdf 12369874 penguins vacation
ragnarok lorraine dodgeram sebastian colombia oblivion sithlord mustangs scoobydo zxcv1234 titleist richmond director magnolia
blueeyes mersedes springer patrick1 martinez cowboys1 nuttertools gateway1 imperial grateful peterpan kingston pa55word freckles
margarita deadhead research mariners rootbeer aspirine frederic children stephanie scooter1 plymouth justdoit 1234567q lightnin
caliente goodtime catherin redalert brucelee porkchop aquarius raiders1 thankyou fletcher shopping a1s2d3f4 sapphire qwert123
qazwsxedcrfv hastings blackjac 01012001 spectrum chevrole amsterdam diamond1 rosemary candyman beatrice front242 atlantic labrador
123456qwerty syracuse southern commando 8j4ye3uz monopoly pineappl spartans romashka 123456aa snuggles phoenix1 infiniti jeremiah
1234567890q cosworth charlotte doberman qawsedrf brandon1 emmanuel webmaster viktoria porsche9 starbuck beefcake godsmack clarence
valhalla starfish sailboat achilles ncc1701a arsenal1 pa55w0rd frontier terminator kentucky jackson1 doughboy phillies dannyboy
nebraska qwertyuio pinkfloy maryland luckydog september oklahoma qwerty123456 agent007 vfrcbvrf nathalie whocares vkontakte ihateyou
dilligaf california technics golfball 01011991 15426378 hurrican aberdeen rfnthbyf enterprise dthjybrf handsome excalibu brothers
keystone flamingo passwort lancelot melissa1 australia kamikaze designer pokemon1 somethin apollo13 bradford deeznuts warhammer
rangers1 meatball columbus manchest macdaddy michaela 123456789z sentinel universe truelove billyboy military jamesbon microsof
microlab lifetime 01011985 gordon24 theodore function 73501505 passwor1 azsxdcfv 01011970 charlton bigmoney superstar fordf150
terminal wildfire vladislav hollywood gretchen saratoga 321654987 01011981 greenbay trinidad chicken1 rjirfrgbde meatloaf hyperion
rightnow treasure 01011986 chester1 jasmine1 maradona anaconda japanese catherine pass1234 christopher albatros richards turkey50
kenworth happy123 dinosaur lionking happyday chickens chocolate ericsson positive crazybab sherwood polniypizdec0211 fktrcfylhf
zxcasdqwe hardrock anhyeuem madeline february abc12345 samsung1 applepie skywalker gandalf1 davidson skorpion hellyeah australi
rockhard hedgehog 13243546 yosemite 1qa2ws3ed america1 karolina starship 0.0.0.000 salvador greatone 78945612 francois packers1
robotech roadkill backdoor rastaman alliance killbill cinnamon sojdlg123aljg 18436572 963852741 jeanette operator mechanic amsterda
pingpong rasputin marianne majestic passwords kingfish zxcvbnm1 gotohell wrestlin railroad lineage2 thursday a123456789 peterson
phillips nwo4life charles1 kcj9wx5n underdog r2d2c3po snoopdog broadway umbrella splinter chemical 123789456 jamesbond blackhaw
sinclair megapass translator magicman supersta giuseppe caligula shannon1 meredith bullseye saturday kristine tunafish gfhjkm123
dkflbckfd p0015123 12131415 crawford tazmania dfktynbyf tommyboy chainsaw christina marino13 getmoney budweise qazwsx12 brighton
vfhufhbnf mamapapa penthous chrisbln snowboar undertaker flounder moneyman canadian viewsonic downtown 01011989 qwerty1234 eastside
sneakers panasoni chicago1 thanatos ghjcnjnfr whitesox poseidon johannes gargoyle intruder sunnyday ferrari1 solution madison1
newcastl goldstar buckshot 01011988 titanium test1234 federico sunflowe babyblue westwood apple123 florida1 motherlode multiplelo
callaway starfire paintbal winston1 123qwerty lokomotiv thirteen rjycnfynby avalanch philippe 01011984 zerocool tomorrow godfather
original 01011987 newyork1 idontknow vfvfgfgf 1x2zkg8w francesc syncmaster christie zxasqw12 paintball monalisa terrapin spongebob
attitude clevelan barefoot chuckles meathead 02071986 cfitymrf cambiami 12345678q 03082006 blessing aleksandra gladiator southpark
mazafaka pianoman casanova traveler hawkeyes clarinet deeznutz 10203040 monster1 triangle valencia 01011910 rhiannon crystal1
andromeda 12345679 cerberus james007 tiberius gabriell salamander resident hayabusa together juliette crjhgbjy nokia6300 rockford
goldwing brewster thegreat confused whiskers spaceman rebecca1 12qw34er gesperrt wrestling mohammed sersolution overkill rhfcjnrf
montgom240 bulldog1 something 12345qwe runescape lightning 14725836 19411945 hoosiers recovery 01011992 adrienne roadking illusion
01091989 medicine leavemealone megatron doghouse 12345678a mortgage heineken fishing1 moonlight 02071982 realmadrid balloons
tinkerbell 135792468 babyface 01011975 blackbir bookworm godfathe seahawks talisman blackjack hawaiian alphabet beautifu mortimer
roadrunn charlene christmas handyman digital1 tiffany1 01011993 dutchess wareagle valkyrie idontkno teddybea dragonball dolphin1
inuyasha stanford sullivan wishbone property gameover kittykat sinister 02021987 dragon12 friendly aa123456 geoffrey newpass6
katherine claymore 02011985 sporting matthews checkers 01011977 02041986 gabriela 02081988 preacher gamecube 02051986 armagedon
playstation z1x2c3v4 02091987 12011987 rhtdtlrj blackout bcfields electron devil666 silverad 02021988 02031986 123456qw thunderb
02101985 ghostrider reynolds cannabis southpar jackson5 absolute lipstick 1234567890a laurence 02061985 02011987 mandarin tottenham
kleopatra dirtbike 1357924680 katherin northern bluefish 02021986 slippery 01011983
`;

/** Common in Taiwan: "forever" and "I love you" in numbers and pinyin, words typed on a bopomofo keyboard, well-known verses. */
const HERE = `
5201314520 1314520520 woaini1314 woaini520 woaini521 iloveyou520 ji32k7au4a83 ji394su3 su3cl3su3cl3 a12345678 abc123456 qwe123456
asd123456 zxc123456 q123456789 w123456789 1qaz@wsx taiwan123 taipei101 tabchain blockchain bitcoin123 cryptocurrency classroom
passphrase mypassword mypassphrase changeme123 letmein123 welcome123
一二三四五六七八 一二三四五六七八九十 ㄅㄆㄇㄈㄉㄊㄋㄌ 人之初性本善性相近習相遠 天地玄黃宇宙洪荒 床前明月光疑是地上霜 恭喜發財萬事如意 通關密語通關密語
`;

export const COMMON_PASSPHRASES: ReadonlySet<string> = new Set((LEAKED + HERE).trim().split(/\s+/));
