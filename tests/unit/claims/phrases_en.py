"""A phrase book of English: one short sentence a line, what it tells and the main field of it.

Each was once read otherwise. They are spread over what is told, not over towns or numbers.
"""

CHANNEL = "Grid Desk"

TOLD = """
outage   | 900       | Another 900 are cut off in Chuhuiv raion.
outage   | -         | More than 8,700 people woke up in unlit homes in Okhtyrka.
outage   | -         | There are power supply disruptions in a part of Lubny.
outage   | 450       | Only 450 out of 9,000 homes in Berdychiv are still disconnected.
outage   | 4900      | The number of affected customers in Fastiv has fallen from 12,600 to 4,900.
outage   | 8700      | Nizhyn: 8,700 metering points off.
outage   | -         | Some 3,000 flats in Lutsk are still waiting for the lights to come on.
outage   | technical | A transformer failed in Kovel, cutting power to 60 buildings.
outage   | weather   | Due to strong winds 64 settlements in Vinnytsia region lost power.
outage   | damage    | Consumers in Poltava have been affected by the night's bombardment.
outage   | 1900      | Lights are back in Voznesensk except for 1,900 homes.
restored | 300       | We have re-energised the last 300 customers in Romny.
restored | full      | Electricity supply has been restored in full in Chortkiv district.
restored | full      | Zarichnyi district has full supply as of 16:00.
restored | partial   | Service has been resumed to 2,870 homes in Zhmerynka.
restored | cancelled | Emergency shut-offs in Kharkiv region were called off at 07:50.
services | water_reduced     | Water pressure has been lowered in Kamianske.
services | water_off         | Odesa remains without light, heat and water.
services | heat_off          | Romny has no power, gas or heat.
services | hospital_on_generators | The hospital in Izium draws on its own diesel set.
services | transport_off     | Tram traffic is at a standstill in Zaporizhzhia.
services | transport_delayed | Kharkiv metro trains are running at longer intervals.
services | transport_off     | Buses have been put on routes where trolleybuses run in Dnipro.
services | education_remote  | Lyceums and colleges in Sumy are closed.
services | mobile_degraded   | There are interruptions in communication in Odesa region.
repair   | in_progress | All services are engaged in dealing with the aftermath in Lubny.
repair   | in_progress | Six teams are clearing fallen trees from the lines near Kovel.
repair   | waiting_for_permission | Our linemen will go out once the guns fall silent in Nikopol.
repair   | waiting_for_permission | Work begins as soon as the army gives the go-ahead in Orikhiv.
repair   | interrupted | An air alarm forced our people to break off in Nizhyn.
unknown  | restoration_time | It is too early to talk about timeframes for restoration.
unknown  | restoration_time | The utility declined to give any date.
unknown  | cause     | Why the line tripped has not been established.
unknown  | customers | Exact figures of those without light will be known in the evening.
unknown  | damage_extent | Losses in Sumy are still being counted.
schedule | power_limit_industry | Power rationing for industrial users begins at midnight.
conditions | -19     | It was 19 degrees below freezing in Chernihiv.
advice   | -         | Volunteers have opened a heating tent in Nikopol.
forecast | -         | The rest in Hlukhiv should get power by evening.
alert    | missile_threat | Threat of ballistic missiles for Dnipro.
all_clear | -        | Missile danger has been called off for Odesa district.
explosions | -       | Explosions rang out in Dnipro.
strike   | -         | Overnight the enemy sent 94 Shaheds and two Iskanders at Poltava.
strike   | -         | Both missiles got through at 12 locations in Sumy region.
strike   | -         | Krasnopillia community: FPV drone attack.
strike   | -         | In Derhachi nine glide bombs came down at dusk.
damage   | damaged   | The blast wave smashed windows in a school in Bohodukhiv.
damage   | damaged   | The CHP plant in Sumy is out of action.
damage   | destroyed | The garages in Derhachi lie in ruins.
damage   | fire_out  | All fires at the depot in Lozova were out by 10:55.
casualties | zero    | Not a single resident of Lubny was harmed.
casualties | zero    | No staff were injured in Sumy.
casualties | none_reported | Information on casualties has not been received from Lubny.
casualties | not_released  | The mayor of Lubny did not say how many people had been injured.
casualties | counted | One person remains unaccounted for in Lubny.
"""

NOT_TOLD = """
damage   | Not one substation in Lozova was touched.
strike   | The council of Kamianske has seen no evidence of any strike.
strike   | Overnight nothing fell on Ternopil region.
outage   | Electricity in Lutsk is supplied as usual.
schedule | No restrictions are planned in Lviv region tomorrow.
schedule | No timetable holds in Sumy until further notice.
"""

NOTHING = """
At the front, 128 clashes were recorded over the past day.
Two of them are in serious condition.
"""

HELD_APART = """
restored | full    | Power is back for all in Romny, while Lubny will have it by noon.
outage   | Konotop | Nizhyn: 8,700 customers off. Konotop: 3,450.
schedule | every region | Hourly schedules apply in every region except Lviv and Zakarpattia.
casualties | 13    | At least 13 people, including three children, were injured in Zmiiv.
damage   | substation | Drones set a warehouse in Kiliia ablaze and struck a substation there.
"""
