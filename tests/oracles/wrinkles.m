function mpc = wrinkles
%WRINKLES  A made-up case with what real cases trip readers over.
%   Bus numbers with gaps and out of order, an isolated bus with load and unit, parallel branches,
%   one of them out of service, a phase shifter without a tap, a step between voltages without a
%   tap, a negative reactance, a shunt conductance, a fixed infeed, several units on a bus, a
%   dispatchable load, storage, limits of Inf, DC lines with losses.

mpc.version = '2';
mpc.baseMVA = 50;

%	bus_i	type	Pd	Qd	Gs	Bs	area	Vm	Va	baseKV	zone	Vmax	Vmin
mpc.bus = [
	70	1	90	30	4	0	1	1	0	330	1	1.1	0.9;
	3	3	0	0	0	0	1	1.02	5	330	1	1.1	0.9;
	12	2	20	5	0	19	1	1	0	110	1	1.1	0.9;
	8	4	15	2	1	0	1	1	0	110	1	1.1	0.9;
	5	1	-12	0	0	0	1	1	0	110	1	1.1	0.9;
	41	1	33	9	0	0	1	1	0	330	1	1.1	0.9;
];

%	bus	Pg	Qg	Qmax	Qmin	Vg	mBase	status	Pmax	Pmin	Pc1	Pc2	Qc1min	Qc1max	Qc2min	Qc2max	ramp_agc	ramp_10	ramp_30	ramp_q	apf
mpc.gen = [
	3	60	0	Inf	-Inf	1.02	100	1	200	10	0	0	0	0	0	0	0	50	0	0	0;
	3	25	0	30	-30	1.02	100	0	80	10	0	0	0	0	0	0	0	0	0	0	0;
	3	17	0	30	-30	1.02	100	1	80	10	0	0	0	0	0	0	2	0	0	0	0;
	12	40	0	30	-30	1	100	1	90	0	0	0	0	0	0	0	0	0	45	0	0;
	70	-20	-4	0	-4	1	100	1	0	-30	0	0	0	0	0	0	0	0	0	0	0;
	41	-5	0	0	0	1	100	1	10	-10	0	0	0	0	0	0	0	0	0	0	0;
	8	9	0	0	0	1	100	1	10	0	0	0	0	0	0	0	0	0	0	0	0;
];

%	fbus	tbus	r	x	b	rateA	rateB	rateC	ratio	angle	status	angmin	angmax
mpc.branch = [
	3	70	0.01	0.08	0.02	150	180	0	0	0	1	-360	360;
	3	70	0.01	0.08	0.02	150	180	0	0	0	1	-360	360;
	3	70	0.01	0.08	0.02	150	180	0	0	0	0	-360	360;
	70	12	0	0.11	0	90	0	0	0.97	0	1	-360	360;
	41	12	0	0.2	0	0	0	0	0	0	1	-360	360;
	12	5	0.02	0.3	0	40	0	0	0	0	1	-360	360;
	5	8	0.02	0.3	0	40	0	0	0	0	1	-360	360;
	70	41	0	-0.03	0	0	0	0	0	0	1	-360	360;
	3	41	0	0.1	0	60	0	0	0	-7.5	1	-360	360;
];

%	fbus	tbus	status	Pf	Pt	Qf	Qt	Vf	Vt	Pmin	Pmax	QminF	QmaxF	QminT	QmaxT	loss0	loss1
mpc.dcline = [
	3	5	1	10	8.9	0	0	1.02	1	0	10	0	0	0	0	1	0.01;
	3	5	0	10	8.9	0	0	1.02	1	0	10	0	0	0	0	1	0.01;
];

mpc.genfuel = {
	'coal';
	'ng';
	'unknown';
	'hydro';
	'dl';
	'ess';
	'wind';
};

mpc.gentype = {
	'ST';
	'GT';
	'NB';
	'HY';
	'DL';
	'BA';
	'W2';
};
