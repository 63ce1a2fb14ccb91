//! What deputies do: the words of activities, by kind.

use super::super::chance::Chance;

/// A kind of activity with its words.
#[derive(Debug)]
pub(crate) struct Doing {
    pub(crate) kind: &'static str,
    /// How often a station's deputies do it, in parts; 0 where only offices organise it.
    weight: usize,
    pub(crate) roles: &'static [&'static str],
    pub(crate) focus: &'static [&'static str],
    pub(crate) organizers: &'static [&'static str],
    /// Who comes.
    pub(crate) visit: Visit,
    pub(crate) titles: &'static [&'static str],
    /// First sentences of the body.
    pub(crate) beginnings: &'static [&'static str],
    /// What was said or found.
    pub(crate) middles: &'static [&'static str],
    pub(crate) outcomes: &'static [&'static str],
}

/// Whether villagers are there, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visit {
    /// They come together: a crowd.
    Meeting,
    /// They are visited at home: households.
    Homes,
    /// Deputies and officials among themselves.
    Inside,
}

/// The words of a kind.
pub(crate) fn doing(kind: &str) -> &'static Doing {
    DOINGS.iter().find(|doing| doing.kind == kind).unwrap_or(&DOINGS[0])
}

/// A kind, as often as a station's deputies do it.
pub(crate) fn station_doings(chance: &mut Chance) -> &'static Doing {
    let weighted: Vec<(usize, usize)> = DOINGS.iter().enumerate().map(|(n, doing)| (n, doing.weight)).collect();
    &DOINGS[*chance.weighted(&weighted)]
}

/// 五个重点: what an activity says about each.
pub(crate) const FOCUS_SENTENCES: &[(&str, &[&str])] = &[
    (
        "industry",
        &[
            "算了{m}月的产业账，高粱、辣椒、烤烟都要早订单、早备苗。",
            "介绍合作社用工{n}人次的做法，动员周边{h}户一起干。",
            "说明产业奖补申报的条件和截止时间，现场登记{h}户意向。",
        ],
    ),
    (
        "ecology",
        &[
            "带头清扫房前屋后，清运垃圾{k}吨。",
            "讲垃圾分类和改厕后的管护，约定每月二十日大扫除。",
            "沿仁江河查看排水口，记下{n}处需要整改。",
        ],
    ),
    (
        "civility",
        &[
            "讲移风易俗，约定红白喜事席桌不超标。",
            "请寨老讲家风故事，大家表态不攀比、不赌博。",
            "评出清洁户{h}户，现场发了小红花。",
        ],
    ),
    (
        "governance",
        &[
            "把村务收支一项一项念给大家听，当场答了几个疑问。",
            "讲防电信诈骗，帮老人装好反诈提醒。",
            "对山林界线的争执约定三天内到现场看。",
        ],
    ),
    (
        "prosperity",
        &[
            "了解低收入户的务工和医保情况，逐户记在本子上。",
            "帮老人填报高龄补贴，教会用手机缴费。",
            "介绍{m}月的用工信息，有{n}人愿意去面试。",
        ],
    ),
];

const ALL_FOCUS: &[&str] = &["industry", "ecology", "civility", "governance", "prosperity"];

static DOINGS: [Doing; 18] = [
    Doing {
        kind: "courtyard",
        weight: 20,
        roles: &["publicist", "adviser"],
        focus: ALL_FOCUS,
        organizers: &["station", "group"],
        visit: Visit::Meeting,
        titles: &[
            "{v}院坝会暨人居环境整治宣讲",
            "{v}{g}院坝会",
            "{v}产业发展座谈会",
            "{v}群众会：移风易俗“滥办酒席”整治宣讲",
        ],
        beginnings: &[
            "晚饭后在{g}院坝召开群众会，先传达近期政策，再听大家讲。",
            "下午在{v}晒坝上开院坝会，板凳自带，茶水自备。",
            "趁赶场天人齐，在村委会坝子里开会，一事一议。",
        ],
        middles: &[
            "大家讲得最多的是路和水，共记下{n}条意见，能答复的当场答复。",
            "有{h}户提出想跟着种，合作社当场说了保底价。",
            "个别群众意见比较尖锐，会后单独到家中又谈了半个钟头。",
        ],
        outcomes: &[
            "会上议定的{n}件事已列清单，由村干部和代表分头跟进。",
            "{g}排水沟已组织群众投工疏通。",
            "已将集中反映的问题整理报联络站。",
        ],
    },
    Doing {
        kind: "home_visit",
        weight: 24,
        roles: &["publicist", "adviser"],
        focus: &["prosperity", "governance"],
        organizers: &["person", "group"],
        visit: Visit::Homes,
        titles: &["代表走访监测户", "走访{v}{g}选民", "走访{v}独居老人", "入户走访听民声({v})", "走访返乡务工人员"],
        beginnings: &[
            "与村干部一道走访{g}农户，边走边看。",
            "上午走访固定联系选民，逐户问收入、问困难。",
            "利用周末到{v}走访，重点看老人和在家妇女。",
        ],
        middles: &[
            "多数家庭生活稳定，主要担心行情和看病。",
            "有两户住房漏雨，已拍照并告诉村里。",
            "群众对改厕、饮水提得较多，能解释的当场解释。",
            "一位老人讲起{lore}的老路，希望修通后外孙回家方便些。",
        ],
        outcomes: &["漏雨农户已由村里联系维修。", "整理意见{n}条，交联络站登记。", "帮助一名老人补办了高龄补贴手续。"],
    },
    Doing {
        kind: "publicity",
        weight: 12,
        roles: &["publicist"],
        focus: ALL_FOCUS,
        organizers: &["station", "town"],
        visit: Visit::Meeting,
        titles: &[
            "新国发2号文件进村宣讲",
            "秋冬森林防火入户宣传",
            "《乡村振兴促进法》进{v}",
            "惠民政策宣讲走进{v}",
            "防电信诈骗宣讲({v})",
            "新修代表法学习宣讲",
        ],
        beginnings: &[
            "用本地话把文件讲成家常话，配了一张大字报。",
            "在{v}文化广场摆桌子宣传，边发资料边解答。",
            "到田间地头讲政策，不耽误群众干活。",
        ],
        middles: &[
            "群众最关心补助标准和什么时候兑现。",
            "发放资料后抽问了几位老人，基本听懂。",
            "现场用小喇叭循环播放，过路群众也停下来听。",
        ],
        outcomes: &["群众知晓率明显提高。", "收集到对政策执行的意见{n}条。"],
    },
    Doing {
        kind: "inspection",
        weight: 6,
        roles: &["adviser"],
        focus: &["prosperity", "governance", "ecology"],
        organizers: &["town", "group"],
        visit: Visit::Inside,
        titles: &[
            "{t}代表小组视察农村饮水安全",
            "视察{v}通组公路建设",
            "视察{t}卫生院",
            "视察{v}高标准农田项目",
            "视察集镇环境卫生",
        ],
        beginnings: &["代表们实地察看现场，听取负责人汇报。", "分两路随机看点，不打招呼，直接进组入户。"],
        middles: &[
            "总体进度较好，但{g}一段还有尾工。",
            "发现管护责任牌未更新，排水边沟堵塞{n}处。",
            "代表建议把资金用在最急的地方，建好更要管好。",
        ],
        outcomes: &["已形成视察意见交镇政府研究。", "问题清单{n}条，约定一个月后回头看。"],
    },
    Doing {
        kind: "survey",
        weight: 6,
        roles: &["adviser"],
        focus: &["industry", "ecology", "prosperity"],
        organizers: &["district", "town", "group"],
        visit: Visit::Inside,
        titles: &[
            "仁江河流域面源污染专题调研",
            "{t}辣椒产业发展调研",
            "农村养老服务专题调研",
            "{v}集体经济发展调研",
            "农村客运运行情况调研",
        ],
        beginnings: &["围绕专题走访了{n}户群众和相关单位。", "先看现场再座谈，问卷回收{n}份。"],
        middles: &[
            "主要问题是投入分散、管护跟不上。",
            "群众盼望有稳定的收购渠道和技术服务。",
            "基层同志建议把指标定得实一些。",
        ],
        outcomes: &["调研报告初稿已完成，拟形成代表建议。", "提出对策{n}条，送有关部门参考。"],
    },
    Doing {
        kind: "group",
        weight: 7,
        roles: &["adviser", "pathfinder"],
        focus: ALL_FOCUS,
        organizers: &["group"],
        visit: Visit::Inside,
        titles: &["{t}代表小组季度活动", "代表小组学习会", "代表小组讨论{v}道路养护", "代表小组联系企业活动"],
        beginnings: &["小组代表集中学习后，讨论本季度联系群众情况。", "按年度计划开展小组活动，先学习再看点。"],
        middles: &[
            "各代表汇报了走访情况，交流记录意见的方法。",
            "决定把反映集中的{n}个问题合并成一件建议。",
            "对上季度意见逐条对账，{n}条已办结。",
        ],
        outcomes: &["确定下季度重点：饮水和道路。", "明确每名代表联系5户以上选民。"],
    },
    Doing {
        kind: "help",
        weight: 6,
        roles: &["pathfinder"],
        focus: &["prosperity"],
        organizers: &["person", "station"],
        visit: Visit::Homes,
        titles: &["看望慰问困难群众", "帮扶{v}监测户", "助学送书进{v}", "为{v}老人义诊"],
        beginnings: &["带着米油看望困难户，拉家常、问冷暖。", "联系爱心企业到{v}开展帮扶。"],
        middles: &["了解到一户因病支出较大，帮助联系临时救助。", "给老人量血压、讲用药，登记慢性病{n}人。"],
        outcomes: &["协助申请临时救助1户。", "约定每月上门一次。"],
    },
    Doing {
        kind: "industry",
        weight: 6,
        roles: &["pathfinder"],
        focus: &["industry"],
        organizers: &["person", "group"],
        visit: Visit::Meeting,
        titles: &[
            "辣椒订单种植现场推介",
            "高粱基地机收观摩",
            "{v}冷凉蔬菜种植技术培训",
            "合作社社员大会({v})",
            "{v}烤烟烘烤技术交流",
        ],
        beginnings: &["在基地现场讲解种植要点，农户边看边问。", "请技术员现场演示，代表带头签订订单。"],
        middles: &[
            "保底收购价已写进合同，群众心里有底。",
            "机收一亩省工四个，{h}户当场预约。",
            "提醒注意连作障碍，轮作换茬。",
        ],
        outcomes: &["新增意向种植{h}户。", "带动周边务工，按天结算工钱。"],
    },
    Doing {
        kind: "volunteering",
        weight: 5,
        roles: &["publicist", "pathfinder"],
        focus: &["ecology", "civility"],
        organizers: &["station", "person"],
        visit: Visit::Meeting,
        titles: &["{v}环境整治志愿服务", "仁江河清漂活动", "代表带头清洁家园({v})", "植树护林志愿活动"],
        beginnings: &["代表和群众一起动手，分片清理。", "从村口到{g}分段包干，带工具上阵。"],
        middles: &["清理水沟{k}公里，清运垃圾两车。", "边干边宣传，路过群众主动加入。"],
        outcomes: &["建立每月一次的清洁日。", "路边乱堆乱放基本清除。"],
    },
    Doing {
        kind: "supervision",
        weight: 4,
        roles: &["adviser"],
        focus: &["governance"],
        organizers: &["town", "group"],
        visit: Visit::Inside,
        titles: &["督办{v}道路硬化建议", "代表建议办理“回头看”", "督办饮水管网改造建议", "建议办理面商会"],
        beginnings: &["对照答复逐件看现场，听承办单位说进度。", "与承办单位面对面商谈，建议人参加。"],
        middles: &[
            "资金已到位，预计下月开工。",
            "群众对进度有意见，要求公示工期。",
            "承办单位解释了未能一次解决的原因。",
        ],
        outcomes: &["承办单位承诺限期完成。", "建议人表示基本满意，继续跟踪。"],
    },
    Doing {
        kind: "sit_in",
        weight: 3,
        roles: &["adviser"],
        focus: &["governance"],
        organizers: &["town", "district"],
        visit: Visit::Inside,
        titles: &["列席{t}政府工作会议", "列席村民代表会议({v})", "列席{t}人大主席团会议"],
        beginnings: &["列席会议并就群众关心的问题发言。", "会前征求选民意见，会上如实反映。"],
        middles: &["建议把饮水、道路排进年度计划。", "对项目公示提出意见，要求写清楚时间和金额。"],
        outcomes: &["所提意见被记入会议纪要。"],
    },
    Doing {
        kind: "duty_report",
        weight: 4,
        roles: &["publicist"],
        focus: &["governance"],
        organizers: &["town", "station"],
        visit: Visit::Meeting,
        titles: &["代表向选民述职({v})", "{v}选区代表述职评议会"],
        beginnings: &["向选民报告一年来参加会议、走访和提建议的情况。", "现场述职后由选民提问和测评。"],
        middles: &["选民问到去年提的路为什么还没修完，当场作了说明。", "满意票占多数，也有选民希望多到偏远组走走。"],
        outcomes: &["述职材料在公示栏张贴。", "选民新提意见{n}条已登记。"],
    },
    Doing {
        kind: "project",
        weight: 3,
        roles: &["adviser"],
        focus: &["prosperity", "governance"],
        organizers: &["town"],
        visit: Visit::Inside,
        titles: &["监督{t}民生实事项目", "民生实事票决项目现场督查", "{v}山塘整治项目监督"],
        beginnings: &["代表分组到票决项目现场，查进度、看质量。"],
        middles: &["工程量完成过半，材料检测报告齐全。", "提醒雨季施工注意安全，弃土不得入河。"],
        outcomes: &["监督意见已书面反馈。"],
    },
    Doing {
        kind: "legislation",
        weight: 2,
        roles: &["adviser"],
        focus: &["governance"],
        organizers: &["station", "district"],
        visit: Visit::Inside,
        titles: &["法规草案征求意见座谈", "农村供水条例征求意见({v})"],
        beginnings: &["逐条念草案，请群众和村干部讲看法。"],
        middles: &["大家认为处罚条款要写得明白，别让人看不懂。", "建议把管护经费来源写进去。"],
        outcomes: &["整理意见{n}条报区人大常委会。"],
    },
    Doing {
        kind: "training",
        weight: 3,
        roles: &["publicist"],
        focus: &["governance"],
        organizers: &["station", "town"],
        visit: Visit::Inside,
        titles: &["代表学习日", "联络站集中学习代表法", "意见记录与建议撰写交流"],
        beginnings: &["集中学习代表法和建议撰写方法，老代表带新代表。"],
        middles: &["讲“一事一议、有情况有分析有具体意见”。", "练习用手机离线记录，回到有信号处再上传。"],
        outcomes: &["每人完成一份练习记录。"],
    },
    Doing {
        kind: "law_check",
        weight: 0,
        roles: &["adviser"],
        focus: &["governance", "industry"],
        organizers: &["district"],
        visit: Visit::Inside,
        titles: &[
            "《乡村振兴促进法》贯彻情况执法检查",
            "农产品质量安全法执法检查",
            "固体废物污染环境防治法执法检查",
            "义务教育法执法检查",
        ],
        beginnings: &["检查组分两路到{t}等地，查资料、看现场、听意见。"],
        middles: &["总体落实较好，宣传覆盖还有薄弱环节。", "个别单位台账不全，责任分工不清。"],
        outcomes: &["形成执法检查报告，提请常委会会议审议。"],
    },
    Doing {
        kind: "appraisal",
        weight: 0,
        roles: &["adviser"],
        focus: &["governance"],
        organizers: &["district", "town"],
        visit: Visit::Inside,
        titles: &["农村公路“建管养”工作评议", "镇级部门负责人述职评议", "{t}供水工作评议"],
        beginnings: &["被评议单位报告工作，代表询问后无记名测评。"],
        middles: &["代表肯定成绩，也指出群众反映办理慢的问题。", "测评结果当场公布。"],
        outcomes: &["评议意见交办，三个月内报告整改情况。"],
    },
    Doing {
        kind: "inquiry",
        weight: 0,
        roles: &["adviser"],
        focus: &["prosperity"],
        organizers: &["district"],
        visit: Visit::Inside,
        titles: &["区人大常委会基层医疗卫生专题询问", "农村饮水安全专题询问"],
        beginnings: &["委员和代表就群众关心的问题逐一发问，部门负责人现场回答。"],
        middles: &["追问集中在村卫生室药品和村医待遇上。", "部门承诺列出时间表。"],
        outcomes: &["专题询问意见转区政府研究处理。"],
    },
];
