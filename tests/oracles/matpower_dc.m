% Make matpower_dc.csv: MATPOWER's own DC power flow of published cases and of wrinkles.m beside
% this file, in GNU Octave. In this folder:
%   MPROOT=<folder of the Python package "matpower"> octave-cli matpower_dc.m > matpower_dc.csv
% Every figure is of the branch flow PF in MW; rows are 1-based rows of the case.
%   sum_abs_mw       sum over rows of |PF|
%   checksum_mw      sum over rows of PF * cos(row): changes when rows swap or signs turn
%   largest_row, largest_mw      the row with the largest |PF|
%   shifter_row, shifter_mw      the row with the largest |SHIFT|, 0 where there is none
%   reference_mw     output of the generators at the reference bus
mp = getenv('MPROOT');
addpath(fullfile(mp, 'lib'), fullfile(mp, 'data'), fullfile(mp, 'mips', 'lib'), ...
        fullfile(mp, 'mp-opt-model', 'lib'), fullfile(mp, 'mptest', 'lib'));
opt = mpoption('verbose', 0, 'out.all', 0);
cases = {'case9', 'case14', 'case30', 'case39', 'case57', 'case118', 'case300', 'case2383wp', ...
         'case9241pegase', 'case_ACTIVSg200', 'case_ACTIVSg2000', 'case_ACTIVSg10k', ...
         'case_ACTIVSg70k', 'wrinkles'};
printf(['case,n_bus,n_branch,n_gen,sum_abs_mw,checksum_mw,largest_row,largest_mw,' ...
        'shifter_row,shifter_mw,reference_mw\n']);
for i = 1:numel(cases)
  mpc = loadcase(cases{i});
  if isfield(mpc, 'dcline'), mpc = toggle_dcline(mpc, 'on'); end
  r = rundcpf(mpc, opt);
  pf = r.branch(:, 14);
  rows_ = (1:numel(pf))';
  [~, big] = max(abs(pf));
  [angle, shifter] = max(abs(r.branch(:, 10)) .* (r.branch(:, 11) > 0));
  shifted = 0;
  if angle > 0, shifted = pf(shifter); else, shifter = 0; end
  ref = r.bus(r.bus(:, 2) == 3, 1);
  at_ref = r.gen(:, 1) == ref & r.gen(:, 8) > 0;
  printf('%s,%d,%d,%d,%.9f,%.9f,%d,%.9f,%d,%.9f,%.9f\n', cases{i}, rows(r.bus), rows(r.branch), ...
         rows(r.gen), sum(abs(pf)), sum(pf .* cos(rows_)), big, pf(big), shifter, shifted, ...
         sum(r.gen(at_ref, 2)));
end
